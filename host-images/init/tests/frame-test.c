#include "check.h"
#include "frame.h"
#include "wire.h"

static struct frame_parser parser;
static const uint64_t session = UINT64_C(0x1122334455667788);

static void feed(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    struct frame_room room = frame_room(&parser);
    size_t step = length < room.length ? length : room.length;
    CHECK(step > 0);
    memcpy(room.bytes, bytes, step);
    frame_received(&parser, step);
    bytes += step;
    length -= step;
  }
}

static size_t make(uint8_t *to, uint8_t type, uint64_t of_session, uint32_t id, const char *text) {
  memcpy(to + FRAME_HEADER, text, strlen(text));
  return frame_wrap(to, type, FLAG_MORE, of_session, id, strlen(text));
}

static void a_frame_comes_out_as_it_went_in(void) {
  uint8_t bytes[FRAME_MAX];
  struct frame frame;
  size_t length = make(bytes, TYPE_DATA, session, 7, "hello");
  for (size_t i = 0; i < length; i++) {
    CHECK(!frame_next(&parser, session, &frame));
    feed(bytes + i, 1);
  }
  CHECK(frame_next(&parser, session, &frame));
  CHECK(frame.type == TYPE_DATA && frame.flags == FLAG_MORE && frame.id == 7 && frame.session == session);
  CHECK(frame.payload.length == 5 && memcmp(frame.payload.bytes, "hello", 5) == 0);
  CHECK(!frame_next(&parser, session, &frame));
}

static void the_longest_frame_fits_and_a_longer_one_is_skipped(void) {
  static uint8_t bytes[FRAME_MAX + 1];
  struct frame frame;
  feed(bytes, frame_wrap(bytes, TYPE_DATA, 0, session, 1, PAYLOAD_MAX));
  CHECK(frame_next(&parser, session, &frame) && frame.payload.length == PAYLOAD_MAX);
  frame_wrap(bytes, TYPE_DATA, 0, session, 1, 10);
  put_u32(bytes + 20, PAYLOAD_MAX + 1);
  feed(bytes, FRAME_HEADER);
  feed(bytes, make(bytes, TYPE_PING, session, 2, ""));
  CHECK(frame_next(&parser, session, &frame) && frame.id == 2);
}

static void frames_of_other_sessions_are_skipped(void) {
  uint8_t bytes[FRAME_MAX];
  struct frame frame;
  feed(bytes, make(bytes, TYPE_DATA, session + 1, 1, "old"));
  feed(bytes, make(bytes, TYPE_HELLO, session + 2, 0, "new"));
  feed(bytes, make(bytes, TYPE_DATA, session, 3, "mine"));
  CHECK(frame_next(&parser, session, &frame) && frame.type == TYPE_HELLO && frame.session == session + 2);
  CHECK(frame_next(&parser, session, &frame) && frame.id == 3);
  feed(bytes, make(bytes, TYPE_DATA, session, 3, "nobody's yet"));
  feed(bytes, make(bytes, TYPE_HELLO, 0, 0, "zero is no session"));
  CHECK(!frame_next(&parser, 0, &frame));
}

/* A daemon is killed after `cut` bytes of a frame; the next one says hello, which must be found at once or after the
 * padding that the protocol has for this. */
static void a_hello_is_found_after_a_cut_at_any_byte(void) {
  static uint8_t old[FRAME_MAX];
  static uint8_t hello[FRAME_MAX];
  static const uint8_t padding[FRAME_MAX];
  struct frame frame;
  memset(old + FRAME_HEADER, 'P', 300);
  size_t old_length = frame_wrap(old, TYPE_DATA, 0, session, 1, 300);
  size_t hello_length = make(hello, TYPE_HELLO, session + 9, 0, "versions");
  for (size_t cut = 0; cut < old_length; cut++) {
    frame_forget(&parser);
    feed(old, cut);
    feed(hello, hello_length);
    bool at_once = frame_next(&parser, session, &frame);
    if (!at_once) {
      feed(padding, sizeof padding);
      CHECK(frame_next(&parser, session, &frame));
    }
    CHECK(frame.type == TYPE_HELLO && frame.session == session + 9);
  }
  frame_forget(&parser);
}

static void a_wrong_trailer_loses_one_frame_only(void) {
  uint8_t bytes[FRAME_MAX];
  struct frame frame;
  size_t length = make(bytes, TYPE_DATA, session, 1, "cut");
  bytes[length - 1] ^= 1;
  feed(bytes, length);
  feed(bytes, make(bytes, TYPE_DATA, session, 2, "whole"));
  CHECK(frame_next(&parser, session, &frame) && frame.id == 2);
}

int main(void) {
  a_frame_comes_out_as_it_went_in();
  the_longest_frame_fits_and_a_longer_one_is_skipped();
  frames_of_other_sessions_are_skipped();
  a_hello_is_found_after_a_cut_at_any_byte();
  a_wrong_trailer_loses_one_frame_only();
  puts("frame: ok");
}
