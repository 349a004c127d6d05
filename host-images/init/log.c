#include "log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void log_line(const char *format, ...) {
  /* Priority "critical": the console shows no lower one (loglevel=3 on the command line). */
  char line[512] = "<2>crx: ";
  size_t length = strlen(line);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + length, sizeof line - length - 1, format, arguments);
  va_end(arguments);
  strcat(line, "\n");
  int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return;
  ssize_t written = write(fd, line, strlen(line));
  (void)written; /* there is nobody to tell */
  close(fd);
}
