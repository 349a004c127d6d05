#include "loop.h"

#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_STEP = 64 };

static int epoll_fd = -1;

bool loop_init(void) {
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  return epoll_fd >= 0;
}

bool loop_add(struct watch *watch) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = watch};
  return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void loop_close(struct watch *watch) {
  if (watch->fd < 0) return;
  /* Closing alone would not do while a child between clone and exec still holds the same open file. */
  epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
  close(watch->fd);
  watch->fd = -1;
}

void loop_step(int timeout_ms) {
  struct epoll_event events[EVENTS_PER_STEP];
  int count = epoll_wait(epoll_fd, events, EVENTS_PER_STEP, timeout_ms);
  for (int i = 0; i < count; i++) {
    struct watch *watch = events[i].data.ptr;
    if (watch->fd >= 0) watch->ready(watch, events[i].events);
  }
}

static uint64_t clock_ns(clockid_t id) {
  struct timespec now = {0};
  clock_gettime(id, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t loop_now_ms(void) { return clock_ns(CLOCK_MONOTONIC) / 1000000u; }

int loop_ms_until(uint64_t moment_ms) {
  if (moment_ms == LOOP_NEVER) return -1;
  uint64_t now = loop_now_ms();
  uint64_t left = moment_ms > now ? moment_ms - now : 0;
  return left < INT_MAX ? (int)left : INT_MAX;
}

uint64_t wall_clock_ns(void) { return clock_ns(CLOCK_REALTIME); }
