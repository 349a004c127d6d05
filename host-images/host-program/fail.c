#include "fail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fail(const char *doing, const char *what) {
  fprintf(stderr, PROGRAM ": cannot %s %s: %s\n", doing, what, strerror(errno));
  exit(1);
}

void must(bool done, const char *doing, const char *what) {
  if (!done) fail(doing, what);
}
