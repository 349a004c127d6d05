/* Processes that PID 1 forks for work that would hold it up: they have its memory, and none of its haste. */
#pragma once

#include <stddef.h>

/* The first descriptor that is kept; the three before it are /dev/null. */
enum { BACKGROUND_KEPT = 3 };

/* As setpriority(2) has it: what containers wait for goes as PID 1 does, before them. */
enum background_priority { BACKGROUND_SERVES = -20, BACKGROUND_COUNTS = 10, BACKGROUND_IDLES = 19 };

/* To be called first by the process that was forked: signals end it, and of PID 1's descriptors it has those of `kept`,
   at most two, as BACKGROUND_KEPT and on. */
void background_begin(enum background_priority priority, const int *kept, size_t count);
