#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>

/* Ends the jailer with what it could not do and why, on standard error. No step of a jail may be skipped. */
_Noreturn void fail(const char *doing, const char *what);

/* Goes on where `done` holds, else ends the jailer. */
void must(bool done, const char *doing, const char *what);

#endif
