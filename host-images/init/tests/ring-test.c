#include "check.h"
#include "ring.h"

static uint8_t memory[RING_SIZE];

/* The byte that belongs at an offset. */
static uint8_t byte_at(uint64_t offset) { return (uint8_t)(offset * 31 >> 3); }

static size_t append(struct ring *ring, size_t length) {
  static uint8_t bytes[2 * RING_SIZE];
  for (size_t i = 0; i < length; i++) bytes[i] = byte_at(ring->end + i);
  return ring_append(ring, (struct span){bytes, length});
}

static void it_holds_its_size_and_no_more(void) {
  struct ring ring = {.bytes = memory};
  CHECK(append(&ring, 10) == 10);
  CHECK(append(&ring, 2 * RING_SIZE) == RING_SIZE - 10);
  CHECK(ring_free(&ring) == 0 && append(&ring, 1) == 0);
  size_t room;
  ring_tail(&ring, &room);
  CHECK(room == 0);
}

static void it_forgets_only_what_it_holds(void) {
  struct ring ring = {.bytes = memory, .base = 100, .end = 100};
  append(&ring, 50);
  CHECK(!ring_forget(&ring, 99) && !ring_forget(&ring, 151));
  CHECK(ring_forget(&ring, 150) && ring_held(&ring) == 0);
  CHECK(ring_piece(&ring, 149).length == 0 && ring_piece(&ring, 150).length == 0);
}

/* Many rounds of random steps, over the seam again and again: what comes out is what went in. */
static void bytes_come_out_as_they_went_in(void) {
  struct ring ring = {.bytes = memory};
  static uint8_t copy[RING_SIZE];
  uint64_t state = 1;
  for (unsigned round = 0; round < 3000; round++) {
    append(&ring, random_below(&state, RING_SIZE));
    uint64_t from = ring.base + random_below(&state, ring_held(&ring) + 1);
    size_t wanted = random_below(&state, RING_SIZE);
    size_t length = ring_copy(&ring, from, copy, wanted);
    CHECK(length == (wanted < ring.end - from ? wanted : ring.end - from));
    for (size_t i = 0; i < length; i += 1 + length / 64) CHECK(copy[i] == byte_at(from + i));
    CHECK(ring_forget(&ring, ring.base + random_below(&state, ring_held(&ring) + 1)));
  }
}

int main(void) {
  it_holds_its_size_and_no_more();
  it_forgets_only_what_it_holds();
  bytes_come_out_as_they_went_in();
  puts("ring: ok");
}
