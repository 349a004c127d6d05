#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_SIZE = 64 * 1024, CONNECT_WAIT_MS = 5000, CONNECT_STEP_MS = 5 };

/* What was read at one end and is not yet written at the other. */
struct way {
  int from;
  int to;
  size_t start;
  size_t end;
  uint8_t bytes[BUFFER_SIZE];
};

/* A port without a server says that it hangs up, at once and again: waits for the first sign of one. */
static bool wait_for_server(int port) {
  for (int waited = 0; waited < CONNECT_WAIT_MS; waited += CONNECT_STEP_MS) {
    struct pollfd ready = {.fd = port, .events = POLLOUT};
    if (poll(&ready, 1, 0) > 0 && (ready.revents & POLLHUP) == 0) return true;
    nanosleep(&(struct timespec){.tv_nsec = CONNECT_STEP_MS * 1000000L}, NULL);
  }
  return false;
}

/* False when an end is closed. */
static bool move(struct way *way) {
  if (way->start == way->end) {
    ssize_t got = read(way->from, way->bytes, sizeof way->bytes);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    way->start = 0;
    way->end = (size_t)got;
  }
  ssize_t put = write(way->to, way->bytes + way->start, way->end - way->start);
  if (put < 0) return errno == EAGAIN || errno == EINTR;
  way->start += (size_t)put;
  return true;
}

static short wish(const struct way *in, const struct way *out) {
  short events = in->start == in->end ? POLLIN : 0;
  return (short)(events | (out->start != out->end ? POLLOUT : 0));
}

_Noreturn void relay_bytes(int port, int socket) {
  static struct way up, down;
  up.from = down.to = socket;
  up.to = down.from = port;
  fcntl(socket, F_SETFL, O_NONBLOCK);
  bool open = wait_for_server(port);
  while (open) {
    struct pollfd ready[] = {{.fd = port, .events = wish(&down, &up)}, {.fd = socket, .events = wish(&up, &down)}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) break;
    if ((ready[0].revents & POLLHUP) != 0) break;
    open = move(&up) && move(&down);
  }
  _exit(0);
}
