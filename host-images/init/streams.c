#include "streams.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rings.h"
#include "wire.h"

struct stream {
  struct watch watch;
  uint32_t id; /* 0: the slot is free */
  enum stream_direction direction;
  bool attached;
  bool fin_known; /* the end of the ring is the end of the stream */
  bool fin_done;  /* to the host: sent; to the guest: passed on */
  bool waiting;   /* the descriptor may have input (or take output) that was not asked for yet */
  bool credit_due;
  bool reset_due;
  int error; /* not 0: broken, with this errno */
  uint64_t sent;
  uint64_t limit; /* to the host: bytes may be sent up to here; to the guest: the host was allowed up to here */
  struct ring ring;
};

static struct stream table[STREAMS_MAX];
static size_t used;       /* slots from here on were never used */
static size_t turn;       /* whose turn it is to send */
static uint32_t last_id;

/* Attachments that were refused, to be answered: the stream is not there, or its offset is gone. */
static struct refusal {
  uint32_t id;
  int error;
} refusals[STREAMS_MAX];
static size_t refusal_count;

static struct stream *find(uint32_t id) {
  for (size_t i = 0; id != 0 && i < used; i++) {
    if (table[i].id == id) return &table[i];
  }
  return NULL;
}

static void break_stream(struct stream *stream, int error) {
  loop_close(&stream->watch);
  stream->error = error;
  stream->reset_due = true;
  stream->waiting = false;
  if (stream->direction == STREAM_TO_GUEST) ring_release(&stream->ring);
}

/* Reads from the descriptor what the ring has room for. */
static void fill(struct stream *stream) {
  while (stream->waiting && ring_free(&stream->ring) > 0) {
    if (!ring_prepare(&stream->ring)) return;
    size_t room;
    uint8_t *to = ring_tail(&stream->ring, &room);
    ssize_t got = read(stream->watch.fd, to, room);
    if (got > 0) {
      ring_filled(&stream->ring, (size_t)got);
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    stream->waiting = false;
    if (got < 0 && errno == EAGAIN) break;
    /* EIO: all ends of the terminal are closed. */
    if (got < 0 && errno != EIO) {
      break_stream(stream, errno);
      break;
    }
    stream->fin_known = true;
    loop_close(&stream->watch);
  }
  if (ring_held(&stream->ring) == 0) ring_release(&stream->ring);
}

/* Tells the reader that nothing more comes. */
static void finish_output(struct stream *stream) {
  stream->fin_done = true;
  /* A terminal stays open: its end is the end of its process. A socket's other direction lives on. */
  shutdown(stream->watch.fd, SHUT_WR);
  if (!isatty(stream->watch.fd)) loop_close(&stream->watch);
}

/* Writes to the descriptor what the ring holds. */
static void drain(struct stream *stream) {
  while (stream->waiting && ring_held(&stream->ring) > 0) {
    struct span piece = ring_piece(&stream->ring, stream->ring.base);
    ssize_t put = write(stream->watch.fd, piece.bytes, piece.length);
    if (put > 0) {
      ring_forget(&stream->ring, stream->ring.base + (uint64_t)put);
      continue;
    }
    if (put < 0 && errno == EINTR) continue;
    stream->waiting = false;
    if (put < 0 && errno != EAGAIN) {
      break_stream(stream, errno);
      return;
    }
  }
  /* A new window is worth a frame when a good part of the old one is used up. */
  if (stream->ring.base + RING_SIZE >= stream->limit + RING_SIZE / 4) stream->credit_due = stream->attached;
  if (ring_held(&stream->ring) > 0) return;
  ring_release(&stream->ring);
  if (stream->fin_known && !stream->fin_done && stream->watch.fd >= 0) finish_output(stream);
}

static void move_bytes(struct stream *stream) {
  if (stream->watch.fd < 0) return;
  if (stream->direction == STREAM_TO_HOST) {
    fill(stream);
  } else {
    drain(stream);
  }
}

static void ready(struct watch *watch, uint32_t events) {
  (void)events;
  struct stream *stream = (struct stream *)((char *)watch - offsetof(struct stream, watch));
  stream->waiting = true;
  move_bytes(stream);
}

void stream_connect(uint32_t id, int fd) {
  struct stream *stream = find(id);
  if (stream == NULL || stream->watch.fd >= 0) {
    close(fd);
    return;
  }
  stream->watch = (struct watch){fd, ready};
  stream->waiting = true;
  if (!loop_add(&stream->watch)) {
    break_stream(stream, errno);
    return;
  }
  move_bytes(stream);
}

uint32_t stream_open(enum stream_direction direction, int fd) {
  size_t slot = 0;
  while (slot < used && table[slot].id != 0) slot++;
  if (slot == STREAMS_MAX) {
    if (fd >= 0) close(fd);
    return 0;
  }
  if (slot == used) used++;
  last_id++;
  table[slot] = (struct stream){.watch = {-1, ready}, .id = last_id, .direction = direction};
  if (fd >= 0) stream_connect(last_id, fd);
  return last_id;
}

static void forget(struct stream *stream) {
  loop_close(&stream->watch);
  ring_release(&stream->ring);
  stream->id = 0;
  while (used > 0 && table[used - 1].id == 0) used--;
}

void stream_close(uint32_t id) {
  struct stream *stream = find(id);
  if (stream != NULL) forget(stream);
}

size_t streams_free(void) {
  size_t count = STREAMS_MAX - used;
  for (size_t i = 0; i < used; i++) count += table[i].id == 0;
  return count;
}

void streams_list(struct writer *answer) {
  for (size_t i = 0; i < used; i++) {
    const struct stream *stream = &table[i];
    if (stream->id == 0) continue;
    size_t group = write_group_begin(answer, TAG_STREAM_GROUP);
    write_u32(answer, TAG_STREAM, stream->id);
    write_u32(answer, TAG_STREAM_DIRECTION, stream->direction);
    write_u64(answer, TAG_STREAM_BASE, stream->ring.base);
    write_u64(answer, TAG_STREAM_END, stream->ring.end);
    uint32_t flags = (stream->fin_known ? STREAM_FIN_KNOWN : 0u) | (stream->error != 0 ? STREAM_BROKEN : 0u);
    write_u32(answer, TAG_STREAM_FLAGS, flags);
    write_group_end(answer, group);
  }
}

static bool grant(struct stream *stream, uint64_t consumed, uint32_t window) {
  if (window > WINDOW_MAX || !ring_forget(&stream->ring, consumed)) return false;
  if (consumed + window > stream->limit) stream->limit = consumed + window;
  move_bytes(stream);
  if (ring_held(&stream->ring) == 0) ring_release(&stream->ring);
  return true;
}

static void refuse(uint32_t id, int error) {
  if (refusal_count < STREAMS_MAX) refusals[refusal_count++] = (struct refusal){id, error};
}

static void take_attach(struct stream *stream, uint64_t offset, uint32_t window) {
  if (stream->direction == STREAM_TO_HOST) {
    if (!grant(stream, offset, window)) {
      refuse(stream->id, ERANGE);
      return;
    }
    stream->limit = offset + window; /* what an earlier daemon granted is void */
    stream->sent = offset;
    stream->fin_done = false;
  }
  stream->attached = true;
  stream->credit_due = true;
  stream->reset_due = stream->error != 0;
}

static void take_data(struct stream *stream, const struct frame *frame) {
  uint64_t offset = get_u64(frame->payload.bytes);
  struct span bytes = {frame->payload.bytes + 8, frame->payload.length - 8};
  if (stream->direction != STREAM_TO_GUEST || stream->error != 0 || !stream->attached) return;
  if (offset > stream->ring.end || offset + bytes.length > stream->limit) {
    break_stream(stream, EPROTO);
    return;
  }
  uint64_t known = stream->ring.end - offset;
  if (known > bytes.length) return;
  bytes.bytes += known;
  bytes.length -= (size_t)known;
  if (stream->fin_known) return;
  if (bytes.length > 0) {
    if (!ring_prepare(&stream->ring)) {
      break_stream(stream, ENOMEM);
      return;
    }
    ring_append(&stream->ring, bytes);
  }
  stream->fin_known = (frame->flags & FLAG_FIN) != 0;
  move_bytes(stream);
}

static void take(const struct frame *frame) {
  struct stream *stream = find(frame->id);
  const uint8_t *payload = frame->payload.bytes;
  size_t length = frame->payload.length;
  if (stream == NULL) {
    if (frame->type == TYPE_ATTACH) refuse(frame->id, ENOENT);
    return;
  }
  if (frame->type == TYPE_CLOSE) {
    forget(stream);
  } else if (frame->type == TYPE_ATTACH && length == 12) {
    take_attach(stream, get_u64(payload), get_u32(payload + 8));
  } else if (frame->type == TYPE_CREDIT && length == 12 && stream->direction == STREAM_TO_HOST && stream->attached) {
    grant(stream, get_u64(payload), get_u32(payload + 8));
  } else if (frame->type == TYPE_DATA && length >= 8) {
    take_data(stream, frame);
  }
}

static void begin(void) {
  for (size_t i = 0; i < used; i++) table[i].attached = false;
  refusal_count = 0;
}

static void send_reset(struct port *port, uint32_t id, int error) {
  const char *text = strerror(error);
  uint8_t *payload = port_payload(port);
  put_u32(payload, (uint32_t)error);
  memcpy(payload + 4, text, strlen(text));
  port_frame_out(port, TYPE_RESET, 0, id, 4 + strlen(text));
}

static void send_credit(struct port *port, struct stream *stream) {
  uint8_t *payload = port_payload(port);
  stream->limit = stream->ring.base + RING_SIZE;
  put_u64(payload, stream->ring.end);
  put_u32(payload + 8, (uint32_t)(stream->limit - stream->ring.end));
  port_frame_out(port, TYPE_CREDIT, 0, stream->id, 12);
  stream->credit_due = false;
}

static bool send_data(struct port *port, struct stream *stream) {
  uint64_t until = stream->ring.end < stream->limit ? stream->ring.end : stream->limit;
  bool nothing = stream->sent >= until;
  if (nothing && (!stream->fin_known || stream->fin_done || stream->sent < stream->ring.end)) return false;
  size_t wanted = nothing ? 0 : (size_t)(until - stream->sent);
  if (wanted > PAYLOAD_MAX - 8) wanted = PAYLOAD_MAX - 8;
  uint8_t *payload = port_payload(port);
  put_u64(payload, stream->sent);
  size_t length = ring_copy(&stream->ring, stream->sent, payload + 8, wanted);
  stream->sent += length;
  stream->fin_done = stream->fin_known && stream->sent == stream->ring.end;
  port_frame_out(port, TYPE_DATA, stream->fin_done ? FLAG_FIN : 0, stream->id, 8 + length);
  return true;
}

static bool send_of(struct port *port, struct stream *stream) {
  if (stream->id == 0 || !stream->attached) return false;
  /* A broken stream to the host first gives what it has. */
  bool gives = stream->direction == STREAM_TO_HOST && send_data(port, stream);
  if (gives) return true;
  if (stream->reset_due) {
    send_reset(port, stream->id, stream->error);
    stream->reset_due = false;
    return true;
  }
  if (!stream->credit_due || stream->direction != STREAM_TO_GUEST || stream->error != 0) return false;
  send_credit(port, stream);
  return true;
}

static bool produce(struct port *port) {
  if (refusal_count > 0) {
    refusal_count--;
    send_reset(port, refusals[refusal_count].id, refusals[refusal_count].error);
    return true;
  }
  for (size_t i = 0; i < used; i++) {
    turn = turn + 1 < used ? turn + 1 : 0;
    if (send_of(port, &table[turn])) return true;
  }
  return false;
}

static struct port_buffers buffers;

struct port streams_port = {
    .name = "pacific.streams",
    .buffers = &buffers, .take = take, .begin = begin, .produce = produce, .watch = {.fd = -1}};
