#include "pressure.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "events.h"
#include "files.h"
#include "loop.h"
#include "wire.h"

#define PODS "/sys/fs/cgroup/pods"

/* Times in milliseconds. */
enum { HELD_OFF = 100, REFUSED_FOR = 10000, SPARE_AFTER = 10000, COMES_WITHIN = 1000, COMES_EVERY = 10 };

static const uint64_t mebibyte = 1 << 20;
static const uint64_t step = 128 * mebibyte; /* what the kernel manages as one block */

static void pressed(struct watch *watch, uint32_t events);

static struct watch watch = {.fd = -1, .ready = pressed};
static uint64_t soft_limit;
static uint64_t first_total; /* before anything came */
static uint64_t look_at;     /* 0: nothing is due */
static bool refused;
static uint64_t comes_until; /* the host has brought more, which the kernel takes in; 0: no */

static struct {
  uint32_t number; /* 0: there is none */
  bool told;
  uint16_t tag;
  uint64_t bytes;
  uint64_t total; /* of the machine when the wish was made */
} wish;

static uint64_t machine_total(void) { return 1024 * file_number("/proc/meminfo", "MemTotal:"); }

/* What cannot be dropped when others need the room. */
static uint64_t held(void) {
  static const char *const kinds[] = {"anon", "shmem", "slab_unreclaimable", "kernel_stack", "pagetables"};
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) sum += file_number(PODS "/memory.stat", kinds[i]);
  return sum;
}

/* Room for the kernel, PID 1, and what containers take while the host brings more. */
static uint64_t reserve_of(uint64_t total) { return total / 8 > 64 * mebibyte ? total / 8 : 64 * mebibyte; }

/* Never below what is used: the kernel would make PID 1 wait until that is freed. */
static void set_soft_limit(uint64_t total) {
  char text[32];
  uint64_t used = file_number(PODS "/memory.current", "") + 4 * mebibyte;
  uint64_t reserve = reserve_of(total);
  soft_limit = total > 2 * reserve ? total - reserve : total / 2;
  if (soft_limit < used) soft_limit = used;
  snprintf(text, sizeof text, "%llu", (unsigned long long)soft_limit);
  file_write(PODS "/memory.high", text);
}

static void make_wish(uint16_t tag, uint64_t bytes, uint64_t total) {
  wish.number = event_number();
  wish.told = false;
  wish.tag = tag;
  wish.bytes = bytes;
  wish.total = total;
}

static void ask_for_more(void) {
  uint64_t total = machine_total();
  uint64_t more = total / 2 / step * step;
  /* Pages of files alone are no reason: the kernel drops them. */
  if (held() / 7 * 8 < soft_limit) return;
  make_wish(TAG_MEMORY_MORE, more < step ? step : more, total);
}

static void offer_spare(void) {
  uint64_t total = machine_total();
  uint64_t kept = held() / 2 * 3 + reserve_of(total);
  if (kept < first_total) kept = first_total;
  if (total < kept + 2 * step) return;
  uint64_t spare = (total - kept) / step * step;
  set_soft_limit(total - spare);
  make_wish(TAG_MEMORY_LESS, spare, total);
}

/* The kernel tells of each time that the soft limit was met, a hundred times a second at most. */
static void pressed(struct watch *unused, uint32_t events) {
  (void)unused;
  (void)events;
  char text[512];
  if (pread(watch.fd, text, sizeof text, 0) < 0) return; /* what is read is not told again */
  if (wish.number != 0 || refused || comes_until != 0) return;
  uint64_t now = loop_now_ms();
  static uint64_t not_before;
  if (now >= not_before) {
    not_before = now + HELD_OFF;
    ask_for_more();
  } else if (look_at == 0 || look_at > not_before) {
    look_at = not_before;
  }
}

bool pressure_begin(struct span value, struct failure *failure) {
  if (value.length != 4) return refuse(failure, ERROR_INVALID, "MEMORY_GROWTH: expected a u32");
  if (watch.fd >= 0 || get_u32(value.bytes) == 0) return true;
  watch.fd = open(PODS "/memory.events", O_RDONLY | O_CLOEXEC);
  if (watch.fd < 0 || !loop_add(&watch)) return refuse_errno(failure, "MEMORY_GROWTH");
  first_total = machine_total();
  set_soft_limit(first_total);
  return true;
}

static void settle(uint64_t total) {
  comes_until = 0;
  set_soft_limit(total);
  look_at = total > first_total + step ? loop_now_ms() + SPARE_AFTER : 0;
}

/* Without more the containers may have what there is, and whoever needs more than that is killed. */
static void be_refused(void) {
  comes_until = 0;
  refused = true;
  file_write(PODS "/memory.high", "max");
  look_at = loop_now_ms() + REFUSED_FOR;
}

static void look_for_more(void) {
  uint64_t now = loop_now_ms();
  uint64_t total = machine_total();
  if (total > wish.total) {
    settle(total);
  } else if (now < comes_until) {
    look_at = now + COMES_EVERY;
  } else {
    be_refused();
  }
}

void pressure_look(void) {
  if (look_at == 0 || loop_now_ms() < look_at) return;
  look_at = 0;
  if (wish.number != 0) return;
  if (comes_until != 0) {
    look_for_more();
    return;
  }
  if (refused) {
    refused = false;
    set_soft_limit(machine_total());
    return;
  }
  ask_for_more();
  if (wish.number == 0) offer_spare();
  if (wish.number == 0 && machine_total() > first_total + step) look_at = loop_now_ms() + SPARE_AFTER;
}

int pressure_timeout_ms(void) { return loop_ms_until(look_at == 0 ? LOOP_NEVER : look_at); }

void pressure_repeat(void) { wish.told = false; }

bool pressure_next(uint8_t *type, uint32_t *number, struct writer *event) {
  if (wish.number == 0 || wish.told) return false;
  wish.told = true;
  *type = TYPE_MEMORY_WISH;
  *number = wish.number;
  write_u64(event, wish.tag, wish.bytes);
  return true;
}

void pressure_acknowledged(uint32_t number) {
  if (number == 0 || wish.number != number) return;
  wish.number = 0;
  if (wish.tag == TAG_MEMORY_LESS) {
    settle(machine_total());
  } else {
    comes_until = loop_now_ms() + COMES_WITHIN;
    look_for_more();
  }
}
