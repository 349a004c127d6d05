#include "background.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void background_begin(enum background_priority priority, const int *kept, size_t count) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpriority(PRIO_PROCESS, 0, priority);
  /* None of `kept` is overwritten: PID 1's loop, children and devices have the numbers up to BACKGROUND_KEPT + 2. */
  for (size_t i = 0; i < count; i++) dup2(kept[i], BACKGROUND_KEPT + (int)i);
  syscall(SYS_close_range, BACKGROUND_KEPT + (unsigned)count, ~0u, 0);
}
