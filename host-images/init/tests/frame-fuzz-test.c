/*
 * Bytes from an enemy for the frame parser and the field reader. Built alone it runs a million mutated inputs with a
 * fixed seed; with -DLIBFUZZER (clang -fsanitize=fuzzer) the fuzzer's own loop drives it.
 */
#include "capabilities.h"
#include "check.h"
#include "fields.h"
#include "frame.h"
#include "users.h"
#include "volume-entry.h"
#include "wire.h"

static const uint64_t session = UINT64_C(0x1122334455667788);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void read_fields(struct span message, unsigned depth) {
  struct span rest = message;
  struct field field;
  size_t used = 0;
  while (field_next(&rest, &field)) {
    used += 6 + field.value.length;
    if (depth < 3) read_fields(field.value, depth + 1);
  }
  CHECK(used + rest.length == message.length);
  CHECK(fields_are_whole(message) == (rest.length == 0));
  uint32_t number = 0;
  char text[16];
  uint64_t set;
  char error[64];
  field_u32(message, TAG_OPTIONS, &number);
  field_string(message, TAG_CONTAINER, text, sizeof text);
  static struct volume_entry entry;
  if (volume_entry_read(message, &entry) == NULL) CHECK(entry.path[0] != '/' && strstr(entry.path, "/../") == NULL);
  capabilities_of(message, false, &set, error, sizeof error);
}

/* The input comes in pieces of changing size, as from a port. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static struct frame_parser parser;
  struct frame frame;
  frame_forget(&parser);
  size_t piece = 1 + length % 97;
  for (size_t at = 0; at < length;) {
    struct frame_room room = frame_room(&parser);
    size_t step = length - at < piece ? length - at : piece;
    if (step > room.length) step = room.length;
    CHECK(step > 0); /* the parser must never be full and want more */
    memcpy(room.bytes, bytes + at, step);
    frame_received(&parser, step);
    at += step;
    piece = piece * 2 % 8191 + 1;
    while (frame_next(&parser, session, &frame)) {
      CHECK(frame.payload.length <= PAYLOAD_MAX);
      CHECK(frame.session == session || frame.type == TYPE_HELLO);
      read_fields(frame.payload, 0);
    }
  }
  read_fields((struct span){bytes, length}, 0);
  struct identity identity;
  char error[64];
  identity_resolve("app:extra", (struct span){bytes, length}, (struct span){bytes, length}, &identity, error,
                   sizeof error);
  return 0;
}

#ifndef LIBFUZZER

enum { INPUTS = 1000000, SEED_LENGTH = 160 };

/* Two good frames with fields, which the mutations start from. */
static size_t make_seed(uint8_t *to) {
  struct writer fields = {.limit = 64};
  write_u32(&fields, TAG_OPTIONS, 3);
  write_string(&fields, TAG_CAP_ADD, "NET_ADMIN");
  size_t entry = write_group_begin(&fields, TAG_ENTRY);
  write_u32(&fields, TAG_ENTRY_KIND, ENTRY_FILE);
  write_string(&fields, TAG_PATH, "a/b");
  write_group_end(&fields, entry);
  memcpy(to + FRAME_HEADER, fields.bytes, fields.length);
  size_t length = frame_wrap(to, TYPE_CREATE_CONTAINER, 0, session, 1, fields.length);
  memcpy(to + length + FRAME_HEADER, fields.bytes, fields.length);
  length += frame_wrap(to + length, TYPE_HELLO, 0, session + 1, 0, fields.length);
  writer_free(&fields);
  CHECK(length <= SEED_LENGTH);
  return length;
}

static size_t mutate(uint64_t *state, uint8_t *bytes, size_t length) {
  size_t changes = random_below(state, 8);
  for (size_t i = 0; i < changes; i++) bytes[random_below(state, length)] = (uint8_t)random_next(state);
  if (random_below(state, 4) == 0) {
    size_t from = random_below(state, length);
    size_t to = random_below(state, length);
    size_t count = length - (from > to ? from : to);
    memmove(bytes + to, bytes + from, count);
  }
  return random_below(state, 3) == 0 ? random_below(state, length + 1) : length;
}

int main(void) {
  uint64_t state = 20260131;
  uint8_t seed[FRAME_MAX];
  uint8_t bytes[SEED_LENGTH];
  size_t seed_length = make_seed(seed);
  for (unsigned i = 0; i < INPUTS; i++) {
    memcpy(bytes, seed, seed_length);
    LLVMFuzzerTestOneInput(bytes, mutate(&state, bytes, seed_length));
  }
  /* Long noise, full of beginnings of frames. */
  static uint8_t noise[256 * 1024];
  for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)"PACF\1\100\0\0"[random_below(&state, 8)];
  for (unsigned i = 0; i < 32; i++) LLVMFuzzerTestOneInput(noise + i, sizeof noise - i);
  printf("frame fuzz: ok, %d inputs\n", INPUTS);
}

#endif
