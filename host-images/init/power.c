#include "power.h"

#include <poll.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "background.h"
#include "cgroups.h"
#include "disks.h"

enum { PATIENCE_MS = 5000 };

static bool due;

void power_off_soon(void) { due = true; }

bool power_off_is_due(void) { return due; }

/* The machine's own disks as long as it takes; what else is mounted has a server, which may be gone. */
static void sync_in_time(void) {
  disks_sync();
  int pid = fork();
  if (pid == 0) {
    background_begin(BACKGROUND_SERVES, NULL, 0);
    sync();
    _exit(0);
  }
  struct pollfd end = {pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0), POLLIN, 0};
  if (end.fd >= 0) poll(&end, 1, PATIENCE_MS);
}

_Noreturn void power_off_now(void) {
  cgroups_kill_all();
  sync_in_time();
  for (;;) {
    reboot(RB_POWER_OFF);
    pause();
  }
}
