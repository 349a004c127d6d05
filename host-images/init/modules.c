#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "log.h"

enum { ORDER_SIZE = 16384 };

static void load(const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/modules/%s", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool loaded = fd >= 0 && syscall(SYS_finit_module, fd, "", 0) == 0;
  if (!loaded && errno != EEXIST) log_line("module %s: %s", name, strerror(errno));
  if (fd >= 0) close(fd);
  unlink(path);
}

void modules_load(void) {
  static char order[ORDER_SIZE];
  if (file_read("/modules/order", order, sizeof order) < 0) return;
  for (char *rest = order, *name = strsep(&rest, "\n"); name != NULL; name = strsep(&rest, "\n")) {
    if (*name != '\0') load(name);
  }
}
