/* The control port: puts messages together, hands requests to what carries them out, answers, and tells events. */
#pragma once

#include "fields.h"
#include "port.h"

extern struct port control_port;

/* Why a request was not carried out. */
struct failure {
  uint32_t kind;
  int number; /* errno, or 0 */
  char message[512];
};

/* Fills a failure in and returns false. The second appends what errno says. */
__attribute__((format(printf, 3, 4))) bool refuse(struct failure *failure, uint32_t kind, const char *format, ...);
__attribute__((format(printf, 2, 3))) bool refuse_errno(struct failure *failure, const char *format, ...);

/* A request whose answer comes later. Its session may be over by then: the answer is dropped. */
struct pending {
  uint64_t session;
  uint32_t id; /* 0: nobody waits */
};

enum outcome { OUTCOME_DONE, OUTCOME_REFUSED, OUTCOME_LATER };

struct request {
  struct pending pending;
  struct span fields;
  struct writer *answer;
  struct failure *failure;
};

/* The answer to a request that was OUTCOME_LATER. `answer` may be NULL. The pending is used up. */
void control_answer(struct pending *pending, const struct writer *answer);
void control_refuse(struct pending *pending, const struct failure *failure);
