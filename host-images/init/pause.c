#include "pause.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capabilities.h"

/* Nobody's, as in the container world's pause image. */
enum { PAUSE_USER = 65535, PROGRAM = 3 };

/* A root with nothing in it: containers may follow /proc/1/root. */
static bool enter_empty_root(void) {
  if (unshare(CLONE_NEWNS | CLONE_NEWCGROUP) != 0) return false;
  if (mount("tmpfs", "/mnt", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0k") != 0) return false;
  return chdir("/mnt") == 0 && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
         chdir("/") == 0;
}

static _Noreturn void become_pause(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  signal(SIGCHLD, SIG_IGN); /* outlives execve; without it ended orphans would stay */
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpriority(PRIO_PROCESS, 0, 0);
  setsid();
  int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (program < 0 || (program != PROGRAM && dup3(program, PROGRAM, O_CLOEXEC) < 0)) _exit(1);
  syscall(SYS_close_range, PROGRAM + 1, ~0u, 0);
  if (!enter_empty_root() || setgroups(0, NULL) != 0 || !capabilities_limit(0)) _exit(1);
  if (setresgid(PAUSE_USER, PAUSE_USER, PAUSE_USER) != 0) _exit(1);
  if (setresuid(PAUSE_USER, PAUSE_USER, PAUSE_USER) != 0) _exit(1);
  static char name[] = PAUSE_NAME;
  static char *const arguments[] = {name, NULL};
  static char *const environment[] = {NULL};
  syscall(SYS_execveat, PROGRAM, "", arguments, environment, AT_EMPTY_PATH);
  _exit(1);
}

/* Returns when the child has executed: before that it is a copy of PID 1, and no container may see it. */
static int start(void) {
  struct clone_args arguments;
  int pidfd = -1;
  memset(&arguments, 0, sizeof arguments);
  arguments.flags = CLONE_PIDFD | CLONE_NEWPID | CLONE_VFORK;
  arguments.pidfd = (uint64_t)(uintptr_t)&pidfd;
  arguments.exit_signal = SIGCHLD;
  int pid = (int)syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) become_pause();
  return pid < 0 ? -1 : pidfd;
}

int pause_process(void) {
  static int pidfd = -1;
  if (pidfd >= 0 && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0) return pidfd;
  if (pidfd >= 0) close(pidfd);
  pidfd = start();
  return pidfd;
}

void pause_for_ever(void) {
  for (;;) pause();
}
