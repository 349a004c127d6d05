/* The event loop: file descriptors watched edge-triggered, and one clock for deadlines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Lives in static memory, so that an event for a watch that has just ended finds `fd` -1 and nothing worse. */
struct watch {
  int fd;
  void (*ready)(struct watch *watch, uint32_t events);
};

/* A moment that does not come. */
#define LOOP_NEVER UINT64_MAX

bool loop_init(void);

/* Watches for input, output and hang-up, edge-triggered: `ready` must go on until the kernel says EAGAIN. */
bool loop_add(struct watch *watch);

/* Ends the watch and closes its descriptor. Nothing when there is none. */
void loop_close(struct watch *watch);

/* Waits up to `timeout_ms` (-1: for ever) and calls what is ready. */
void loop_step(int timeout_ms);

/* Monotonic time in milliseconds. */
uint64_t loop_now_ms(void);

/* How long to wait for a moment of that clock: 0 when it is over, -1 for LOOP_NEVER. */
int loop_ms_until(uint64_t moment_ms);

/* Time since 1970 in nanoseconds, as the protocol has it. */
uint64_t wall_clock_ns(void);
