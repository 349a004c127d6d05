#pragma once

#include <stdbool.h>

/* Goes on where `done` holds, else ends the program with what it could not do and why, on standard error. */
void must(bool done, const char *doing, const char *what);
