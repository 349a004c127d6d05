#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "background.h"

bool helper_tell(int error) { return write(HELPER_END, &error, sizeof error) == sizeof error; }

bool helper_start(struct watch *watch, void (*ready)(struct watch *watch, uint32_t events),
                  void (*work)(const void *context), const void *context) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
  int pid = fork();
  if (pid == 0) {
    background_begin(BACKGROUND_SERVES, &ends[1], 1);
    work(context);
    _exit(0);
  }
  int error = errno;
  close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  *watch = (struct watch){ends[0], ready};
  if (pid > 0 && loop_add(watch)) return true;
  if (pid > 0) error = errno;
  close(ends[0]);
  watch->fd = -1;
  errno = error;
  return false;
}
