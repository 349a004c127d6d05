#include "frame.h"

#include "wire.h"

static const uint8_t magic[4] = {'P', 'A', 'C', 'F'};

static uint32_t trailer_of(uint64_t session, uint32_t length) {
  return (uint32_t)session ^ (uint32_t)(session >> 32) ^ length;
}

struct frame_room frame_room(struct frame_parser *parser) {
  if (parser->start > 0) {
    memmove(parser->buffer, parser->buffer + parser->start, parser->end - parser->start);
    parser->end -= parser->start;
    parser->start = 0;
  }
  return (struct frame_room){parser->buffer + parser->end, sizeof parser->buffer - parser->end};
}

void frame_received(struct frame_parser *parser, size_t length) {
  size_t room = sizeof parser->buffer - parser->end;
  parser->end += length < room ? length : room;
}

void frame_forget(struct frame_parser *parser) { parser->start = parser->end = 0; }

/* Moves `start` to the first byte that can begin a frame. */
static void skip_to_magic(struct frame_parser *parser) {
  while (parser->start < parser->end) {
    size_t held = parser->end - parser->start;
    const uint8_t *found = memchr(parser->buffer + parser->start, magic[0], held);
    if (found == NULL) {
      parser->start = parser->end;
      return;
    }
    parser->start = (size_t)(found - parser->buffer);
    held = parser->end - parser->start;
    if (memcmp(found, magic, held < sizeof magic ? held : sizeof magic) == 0) return;
    parser->start++;
  }
}

static bool header_is_good(const uint8_t *header, uint64_t session) {
  uint64_t frame_session = get_u64(header + 8);
  if (header[4] != FRAME_FORMAT || frame_session == 0) return false;
  if (get_u32(header + 20) > PAYLOAD_MAX) return false;
  return header[5] == TYPE_HELLO || frame_session == session;
}

bool frame_next(struct frame_parser *parser, uint64_t session, struct frame *frame) {
  for (;; parser->start++) {
    skip_to_magic(parser);
    size_t held = parser->end - parser->start;
    if (held < FRAME_HEADER) return false;
    const uint8_t *header = parser->buffer + parser->start;
    if (!header_is_good(header, session)) continue;
    uint32_t length = get_u32(header + 20);
    if (held < FRAME_HEADER + length + FRAME_TRAILER) return false;
    uint64_t frame_session = get_u64(header + 8);
    if (get_u32(header + FRAME_HEADER + length) != trailer_of(frame_session, length)) continue;
    *frame = (struct frame){
        .type = header[5],
        .flags = get_u16(header + 6),
        .id = get_u32(header + 16),
        .session = frame_session,
        .payload = {header + FRAME_HEADER, length},
    };
    parser->start += FRAME_HEADER + length + FRAME_TRAILER;
    return true;
  }
}

size_t frame_wrap(uint8_t *to, uint8_t type, uint16_t flags, uint64_t session, uint32_t id, size_t payload_length) {
  uint32_t length = (uint32_t)payload_length;
  memcpy(to, magic, sizeof magic);
  to[4] = FRAME_FORMAT;
  to[5] = type;
  put_u16(to + 6, flags);
  put_u64(to + 8, session);
  put_u32(to + 16, id);
  put_u32(to + 20, length);
  put_u32(to + FRAME_HEADER + length, trailer_of(session, length));
  return FRAME_HEADER + payload_length + FRAME_TRAILER;
}
