#include "fail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(bool done, const char *doing, const char *what) {
  if (done) return;
  fprintf(stderr, "file-server: cannot %s %s: %s\n", doing, what, strerror(errno));
  exit(1);
}
