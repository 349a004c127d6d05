#include "errand.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "helper.h"
#include "ids.h"
#include "log.h"
#include "loop.h"
#include "wire.h"

/* An answer goes in one message, which the socket's buffer takes whole. */
enum { ERRANDS_MAX = 16, PATIENCE_S = 10, ANSWER_MAX = 65 * 1024 };

/* What the process sends, before the answer's bytes. */
struct result {
  enum outcome outcome;
  struct failure failure;
};

static struct errand {
  struct watch watch; /* the first, so that a watch is its errand */
  bool is_under_way;
  bool is_late; /* answered; its process hangs */
  struct pending asker;
  uint64_t deadline_ms;
  char volume[ID_SIZE];
} errands[ERRANDS_MAX];

/* What the process is to do; it has a copy. */
struct work {
  struct request *request;
  enum outcome (*carry_out)(struct request *request);
};

/* In the process. A signal that ends programs also ends most waits for a server. */
static void work(const void *context) {
  const struct work *todo = context;
  struct request *request = todo->request;
  struct result result;
  alarm(PATIENCE_S);
  memset(&result, 0, sizeof result);
  request->answer->limit = ANSWER_MAX;
  result.outcome = todo->carry_out(request);
  result.failure = *request->failure;
  struct iovec parts[] = {{&result, sizeof result}, {request->answer->bytes, request->answer->length}};
  if (writev(HELPER_END, parts, 2) < 0) _exit(1);
}

static void refuse_late(struct errand *errand) {
  struct failure failure = {0};
  errno = ETIMEDOUT;
  refuse_errno(&failure, "volume %s did not answer within %d s", errand->volume, PATIENCE_S);
  control_refuse(&errand->asker, &failure);
}

static void answer(struct errand *errand, const struct result *result, uint8_t *bytes, size_t length) {
  struct writer writer = {.bytes = bytes, .length = length};
  if (errand->is_late) return;
  if (result->outcome == OUTCOME_DONE) {
    control_answer(&errand->asker, &writer);
  } else {
    control_refuse(&errand->asker, &result->failure);
  }
}

static void told(struct watch *watch, uint32_t events) {
  (void)events;
  static uint8_t bytes[ANSWER_MAX];
  struct errand *errand = (struct errand *)watch;
  struct result result;
  struct iovec parts[] = {{&result, sizeof result}, {bytes, sizeof bytes}};
  ssize_t got = readv(watch->fd, parts, 2);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got >= (ssize_t)sizeof result) {
    answer(errand, &result, bytes, (size_t)got - sizeof result);
  } else if (!errand->is_late) {
    refuse_late(errand);
  }
  loop_close(watch);
  errand->is_under_way = false;
}

/* A place for an errand; NULL with a failure. A volume whose last one hangs gets no second. */
static struct errand *place(const char *volume, struct failure *failure) {
  struct errand *found = NULL;
  for (size_t i = 0; i < ERRANDS_MAX; i++) {
    struct errand *errand = &errands[i];
    if (!errand->is_under_way) found = errand;
    if (!errand->is_under_way || !errand->is_late || strcmp(errand->volume, volume) != 0) continue;
    refuse(failure, ERROR_BUSY, "volume %s does not answer: a process hangs in it", volume);
    return NULL;
  }
  if (found == NULL) refuse(failure, ERROR_BUSY, "%d processes wait for volumes", ERRANDS_MAX);
  return found;
}

enum outcome errand_run(struct request *request, enum outcome (*carry_out)(struct request *request),
                        const char *volume) {
  const struct work todo = {request, carry_out};
  struct errand *errand = place(volume, request->failure);
  if (errand == NULL) return OUTCOME_REFUSED;
  if (!helper_start(&errand->watch, told, work, &todo)) {
    refuse_errno(request->failure, "start a process for volume %s", volume);
    return OUTCOME_REFUSED;
  }
  errand->is_under_way = true;
  errand->is_late = false;
  errand->asker = request->pending;
  errand->deadline_ms = loop_now_ms() + PATIENCE_S * 1000;
  snprintf(errand->volume, sizeof errand->volume, "%s", volume);
  return OUTCOME_LATER;
}

static bool waits(const struct errand *errand) { return errand->is_under_way && !errand->is_late; }

int errands_timeout_ms(void) {
  uint64_t first = LOOP_NEVER;
  for (size_t i = 0; i < ERRANDS_MAX; i++) {
    if (waits(&errands[i]) && errands[i].deadline_ms < first) first = errands[i].deadline_ms;
  }
  return loop_ms_until(first);
}

void errands_look(void) {
  for (size_t i = 0; i < ERRANDS_MAX; i++) {
    struct errand *errand = &errands[i];
    if (!waits(errand) || loop_now_ms() < errand->deadline_ms) continue;
    log_line("volume %s does not answer: a process is left in it", errand->volume);
    refuse_late(errand);
    errand->is_late = true;
  }
}
