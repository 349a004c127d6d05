#include "control.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "events.h"
#include "requests.h"
#include "termination.h"
#include "wire.h"

enum { UNANSWERED_MAX = 64, QUEUE_ENOUGH = 64 * 1024 };

/* A message that waits to be sent. */
struct message {
  struct message *next;
  uint8_t type;
  uint32_t id;
  size_t sent;
  size_t length;
  uint8_t bytes[];
};

static struct message *queue_head;
static struct message **queue_tail = &queue_head;
static size_t queue_bytes;
static unsigned unanswered;

/* The message being received. */
static struct {
  uint8_t type;
  uint32_t id;
  size_t length;
  bool too_long;
  uint8_t *bytes;
} assembly;

bool refuse(struct failure *failure, uint32_t kind, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  failure->kind = kind;
  failure->number = 0;
  return false;
}

bool refuse_errno(struct failure *failure, const char *format, ...) {
  int error = errno;
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(failure->message, sizeof failure->message - 64, format, arguments);
  va_end(arguments);
  size_t used = length < 0 ? 0 : strlen(failure->message);
  snprintf(failure->message + used, sizeof failure->message - used, ": %s", strerror(error));
  failure->kind = ERROR_FAILED;
  failure->number = error;
  return false;
}

static void enqueue(uint8_t type, uint32_t id, const uint8_t *bytes, size_t length) {
  struct message *message = malloc(sizeof *message + length);
  if (message == NULL) return; /* the host's time limit ends this machine */
  *message = (struct message){.type = type, .id = id, .length = length};
  if (length > 0) memcpy(message->bytes, bytes, length);
  *queue_tail = message;
  queue_tail = &message->next;
  queue_bytes += length;
}

static void drop_message(void) {
  struct message *message = queue_head;
  queue_head = message->next;
  if (queue_head == NULL) queue_tail = &queue_head;
  queue_bytes -= message->length;
  free(message);
}

static bool still_waited_for(struct pending *pending) {
  bool waited = pending->id != 0 && pending->session == control_port.session;
  if (waited) unanswered--;
  return waited;
}

void control_answer(struct pending *pending, const struct writer *answer) {
  if (still_waited_for(pending)) {
    if (answer == NULL) {
      enqueue(TYPE_OK, pending->id, NULL, 0);
    } else {
      enqueue(TYPE_OK, pending->id, answer->bytes, answer->length);
    }
  }
  pending->id = 0;
}

void control_refuse(struct pending *pending, const struct failure *failure) {
  if (still_waited_for(pending)) {
    struct writer answer = {.limit = 4096};
    write_u32(&answer, TAG_ERROR_KIND, failure->kind);
    write_u32(&answer, TAG_ERROR_NUMBER, (uint32_t)failure->number);
    write_string(&answer, TAG_MESSAGE, failure->message);
    enqueue(TYPE_ERROR, pending->id, answer.bytes, answer.length);
    writer_free(&answer);
  }
  pending->id = 0;
}

static bool may_carry_out(uint32_t id, struct span fields, bool too_long, struct failure *failure) {
  if (id == 0) return refuse(failure, ERROR_INVALID, "a request needs an id");
  if (too_long) return refuse(failure, ERROR_INVALID, "a message has at most %d bytes", MESSAGE_MAX);
  if (!fields_are_whole(fields)) return refuse(failure, ERROR_INVALID, "the message ends within a field");
  if (unanswered > UNANSWERED_MAX) {
    return refuse(failure, ERROR_BUSY, "%d requests wait for their answer", UNANSWERED_MAX);
  }
  return true;
}

static void carry_out(uint8_t type, uint32_t id, struct span fields, bool too_long) {
  if (type == TYPE_EVENT_ACK) {
    events_acknowledge(id);
    return;
  }
  struct writer answer = {.limit = MESSAGE_MAX};
  struct failure failure = {0};
  struct pending pending = {control_port.session, id};
  struct request request = {pending, fields, &answer, &failure};
  unanswered++;
  enum outcome outcome = OUTCOME_REFUSED;
  if (may_carry_out(id, fields, too_long, &failure)) outcome = requests_carry_out(type, &request);
  if (outcome == OUTCOME_DONE) control_answer(&pending, &answer);
  if (outcome == OUTCOME_REFUSED) control_refuse(&pending, &failure);
  if (id == 0) unanswered--;
  writer_free(&answer);
}

static void assembly_drop(void) {
  free(assembly.bytes);
  memset(&assembly, 0, sizeof assembly);
}

static void assembly_add(const struct frame *frame) {
  if (assembly.type != frame->type || assembly.id != frame->id) assembly_drop();
  assembly.type = frame->type;
  assembly.id = frame->id;
  size_t length = assembly.length + frame->payload.length;
  uint8_t *bytes = length > MESSAGE_MAX ? NULL : realloc(assembly.bytes, length + 1);
  if (assembly.too_long || bytes == NULL) {
    assembly.too_long = true;
    return;
  }
  memcpy(bytes + assembly.length, frame->payload.bytes, frame->payload.length);
  assembly.bytes = bytes;
  assembly.length = length;
}

static void take(const struct frame *frame) {
  bool continues = assembly.type == frame->type && assembly.id == frame->id;
  if ((frame->flags & FLAG_MORE) != 0) {
    assembly_add(frame);
  } else if (continues) {
    assembly_add(frame);
    carry_out(frame->type, frame->id, (struct span){assembly.bytes, assembly.length}, assembly.too_long);
    assembly_drop();
  } else {
    assembly_drop();
    carry_out(frame->type, frame->id, frame->payload, false);
  }
}

static void begin(void) {
  assembly_drop();
  while (queue_head != NULL) drop_message();
  unanswered = 0;
  events_repeat();
}

static bool produce(struct port *port) {
  if (queue_head == NULL) {
    struct writer event = {.limit = 4096 + TERMINATION_MAX};
    uint8_t type;
    uint32_t number;
    if (events_next(&type, &number, &event)) enqueue(type, number, event.bytes, event.length);
    writer_free(&event);
  }
  struct message *message = queue_head;
  if (message == NULL) return false;
  size_t length = message->length - message->sent;
  if (length > PAYLOAD_MAX) length = PAYLOAD_MAX;
  memcpy(port_payload(port), message->bytes + message->sent, length);
  message->sent += length;
  bool last = message->sent == message->length;
  port_frame_out(port, message->type, last ? 0 : FLAG_MORE, message->id, length);
  if (last) drop_message();
  return true;
}

static bool may_take(void) { return queue_bytes < QUEUE_ENOUGH; }

static struct port_buffers buffers;

struct port control_port = {.name = "pacific.control",
    .buffers = &buffers,
                            .take = take,
                            .begin = begin,
                            .produce = produce,
                            .may_take = may_take,
                            .watch = {.fd = -1}};
