#include "growth.h"

#include <stdio.h>
#include <string.h>

#include "files.h"
#include "log.h"

void growth_init(void) {
  /* Most of what is plugged stays free of the kernel's own, so that it can be taken back. */
  file_write("/sys/module/memory_hotplug/parameters/online_policy", "auto-movable");
  file_write("/sys/devices/system/memory/auto_online_blocks", "online");
}

void growth_announced(const char *event) {
  static const char processor[] = "add@/devices/system/cpu/cpu";
  char path[128];
  if (strncmp(event, processor, sizeof processor - 1) != 0) return;
  int length = snprintf(path, sizeof path, "/sys%s/online", event + strlen("add@"));
  if (length < (int)sizeof path && !file_write(path, "1")) log_line("%s: cannot be put to work", event);
}
