/* The frame codec: finds frames in a byte stream that may be cut anywhere, and writes them. No I/O. */
#pragma once

#include <stdbool.h>

#include "bytes.h"

enum {
  FRAME_HEADER = 24,
  FRAME_TRAILER = 4,
  FRAME_MAX = 32768,
  PAYLOAD_MAX = FRAME_MAX - FRAME_HEADER - FRAME_TRAILER,
};

struct frame {
  uint8_t type;
  uint16_t flags;
  uint32_t id;
  uint64_t session;
  struct span payload; /* within the parser's buffer: good until the next call */
};

struct frame_parser {
  size_t start;
  size_t end;
  uint8_t buffer[2 * FRAME_MAX];
};

/* Where bytes from the wire go, and how many fit. There is room whenever frame_next has said no. */
struct frame_room {
  uint8_t *bytes;
  size_t length;
};

struct frame_room frame_room(struct frame_parser *parser);
void frame_received(struct frame_parser *parser, size_t length);

/* Takes the next good frame out. Only frames of this session are good, and hellos of any; with session 0 hellos
   alone. */
bool frame_next(struct frame_parser *parser, uint64_t session, struct frame *frame);

void frame_forget(struct frame_parser *parser);

/* Writes header and trailer around a payload that lies, or will lie, at `to + FRAME_HEADER`; returns the whole
   length. */
size_t frame_wrap(uint8_t *to, uint8_t type, uint16_t flags, uint64_t session, uint32_t id, size_t payload_length);
