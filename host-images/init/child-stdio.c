#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "report.h"

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

void child_take_pipes(const struct child *child) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) child_fail(child, "open /dev/null: %s", strerror(errno));
  for (int fd = STDIN; fd < STDIO_COUNT; fd++) {
    int end = child->process->ends[fd];
    dup2(end >= 0 ? end : null, fd);
  }
}

void child_own_stdio(uint32_t uid) {
  struct stat status;
  for (int fd = STDIN; fd < STDIO_COUNT; fd++) {
    bool ours = fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || isatty(fd));
    if (ours && status.st_uid != uid && fchown(fd, uid, status.st_gid) != 0) continue;
  }
}
