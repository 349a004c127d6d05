#pragma once

#include <stdbool.h>

/* Ends the program with what it could not do and why, on standard error. */
_Noreturn void fail(const char *doing, const char *what);

/* Goes on where `done` holds, else fails. */
void must(bool done, const char *doing, const char *what);
