/* The end of the machine. */
#pragma once

#include <stdbool.h>

/* Ends the machine when what is due to the host has been sent. */
void power_off_soon(void);
bool power_off_is_due(void);

_Noreturn void power_off_now(void);
