#include "growth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "log.h"
#include "loop.h"

enum { PROCESSORS_MAX = 512, TRIES = 1200, RETRY_MS = 50 };

/* How often each is still to be tried; 0 for those that work and those that are not there. */
static unsigned tries_left[PROCESSORS_MAX];
static uint64_t due_ms = LOOP_NEVER;

void growth_init(void) {
  /* Most of what is plugged stays free of the kernel's own, so that it can be taken back. */
  file_write("/sys/module/memory_hotplug/parameters/online_policy", "auto-movable");
  file_write("/sys/devices/system/memory/auto_online_blocks", "online");
}

/* The kernel refuses it while it probes a PCI device, for one: then it is tried again. True when nothing is left to
   do. */
static bool put_to_work(size_t number) {
  char path[64];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/online", number);
  if (file_write(path, "1")) return true;
  if (--tries_left[number] > 0) return false;
  log_line("processor %zu cannot be put to work: %s", number, strerror(errno));
  return true;
}

void growth_announced(const char *event) {
  static const char processor[] = "add@/devices/system/cpu/cpu";
  if (strncmp(event, processor, sizeof processor - 1) != 0) return;
  char *end;
  unsigned long number = strtoul(event + sizeof processor - 1, &end, 10);
  if (*end != '\0' || number >= PROCESSORS_MAX) return;
  tries_left[number] = TRIES;
  due_ms = 0;
  growth_look();
}

void growth_look(void) {
  if (loop_now_ms() < due_ms) return;
  due_ms = LOOP_NEVER;
  for (size_t i = 0; i < PROCESSORS_MAX; i++) {
    if (tries_left[i] == 0) continue;
    if (put_to_work(i)) tries_left[i] = 0;
    else due_ms = loop_now_ms() + RETRY_MS;
  }
}

int growth_timeout_ms(void) { return loop_ms_until(due_ms); }
