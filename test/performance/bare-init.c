/* The floor for a guest's boot: a first process that does nothing but end the machine. */
#include <sys/reboot.h>

int main(void) { return reboot(RB_POWER_OFF); }
