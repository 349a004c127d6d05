#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "report.h"

void child_keep_own(const struct child *child) {
  /* PID 1's own three are /dev/null. */
  for (int fd = STDIN; fd < STDIO_COUNT; fd++) {
    if (child->process->ends[fd] >= 0) dup2(child->process->ends[fd], fd);
  }
  unsigned report = (unsigned)child->report;
  if (report > STDIO_COUNT) syscall(SYS_close_range, STDIO_COUNT, report - 1, 0);
  syscall(SYS_close_range, report + 1, ~0u, 0);
}

void child_take_terminal(const struct child *child) {
  int unlock = 0;
  int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) child_fail(child, "open a terminal: %s", strerror(errno));
  ioctl(master, TIOCSPTLCK, &unlock);
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) child_fail(child, "open the terminal's other end: %s", strerror(errno));
  ioctl(slave, TIOCSWINSZ, &child->process->size);
  for (int fd = STDIN; fd < STDIO_COUNT; fd++) dup2(slave, fd);
  ioctl(STDIN, TIOCSCTTY, 0);
  report_send(child->report, REPORT_TERMINAL, "", master);
  close(master);
  close(slave);
}

void child_own_stdio(uint32_t uid) {
  struct stat status;
  for (int fd = STDIN; fd < STDIO_COUNT; fd++) {
    bool ours = fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || isatty(fd));
    if (ours && status.st_uid != uid && fchown(fd, uid, status.st_gid) != 0) continue;
  }
}
