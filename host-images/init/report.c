#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union ancillary {
  struct cmsghdr header;
  char space[CMSG_SPACE(sizeof(int))];
};

bool report_pair(int ends[2]) {
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return false;
  return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

enum report_kind report_receive(int socket, struct report *report) {
  char kind = REPORT_END;
  union ancillary ancillary;
  struct iovec parts[2] = {{&kind, 1}, {report->text, sizeof report->text - 1}};
  struct msghdr message = {
      .msg_iov = parts, .msg_iovlen = 2, .msg_control = ancillary.space, .msg_controllen = sizeof ancillary.space};
  ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? REPORT_NONE : REPORT_END;
  if (got == 0) return REPORT_END;
  report->length = (size_t)got - 1;
  report->text[report->length] = '\0';
  report->fd = -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_type == SCM_RIGHTS) memcpy(&report->fd, CMSG_DATA(header), sizeof report->fd);
  if (kind == REPORT_TERMINAL && report->fd < 0) return REPORT_END;
  return (enum report_kind)kind;
}

void report_send(int socket, enum report_kind kind, const char *text, int fd) {
  char first = (char)kind;
  union ancillary ancillary = {.space = {0}};
  /* sendmsg reads these parts only; iovec has no const. */
  struct iovec parts[2] = {{&first, 1}, {(void *)(uintptr_t)text, strlen(text)}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  if (fd >= 0) {
    message.msg_control = ancillary.space;
    message.msg_controllen = sizeof ancillary.space;
    ancillary.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&ancillary.header), &fd, sizeof fd);
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
}

void report_send_bytes(int socket, enum report_kind kind, const void *bytes, size_t length) {
  char first = (char)kind;
  /* sendmsg reads these parts only; iovec has no const. */
  struct iovec parts[2] = {{&first, 1}, {(void *)(uintptr_t)bytes, length}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  sendmsg(socket, &message, MSG_NOSIGNAL);
}
