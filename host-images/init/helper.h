/* A process of PID 1's own, for what may hold up whoever does it. */
#pragma once

#include "background.h"
#include "loop.h"

/* The helper's end of the socket between the two. */
enum { HELPER_END = BACKGROUND_KEPT };

/* Starts a process that does `work` and ends. `watch` becomes PID 1's end, whose messages `ready` reads; an end of
   file says that the process has ended. False with errno. */
bool helper_start(struct watch *watch, void (*ready)(struct watch *watch, uint32_t events),
                  void (*work)(const void *context), const void *context);

/* In a helper: tells PID 1 an errno, 0 for none. False when nobody hears it. */
bool helper_tell(int error);
