#include "power.h"

#include <sys/reboot.h>
#include <unistd.h>

#include "cgroups.h"

static bool due;

void power_off_soon(void) { due = true; }

bool power_off_is_due(void) { return due; }

_Noreturn void power_off_now(void) {
  cgroups_kill_all();
  sync();
  for (;;) {
    reboot(RB_POWER_OFF);
    pause();
  }
}
