/* A bounded byte buffer addressed by absolute offsets: holds the bytes of a stream from `base` up to `end`. No I/O. */
#pragma once

#include <stdbool.h>

#include "bytes.h"

/* A power of two. */
enum { RING_SIZE = 64 * 1024 };

struct ring {
  uint8_t *bytes; /* RING_SIZE of them, or NULL while the ring holds nothing */
  uint64_t base;
  uint64_t end;
};

static inline size_t ring_held(const struct ring *ring) { return (size_t)(ring->end - ring->base); }
static inline size_t ring_free(const struct ring *ring) { return RING_SIZE - ring_held(ring); }

/* The longest unbroken piece that can be filled at `end`; after filling, move `end` by ring_filled. */
uint8_t *ring_tail(const struct ring *ring, size_t *length);
void ring_filled(struct ring *ring, size_t length);

/* The longest unbroken piece from an offset within [base, end) on. */
struct span ring_piece(const struct ring *ring, uint64_t offset);

/* Copies up to `length` bytes from an offset on; returns how many there were. */
size_t ring_copy(const struct ring *ring, uint64_t offset, uint8_t *to, size_t length);

/* Appends as much as fits; returns how much that was. */
size_t ring_append(struct ring *ring, struct span bytes);

/* Forgets all below an offset. False, and nothing done, when it is not within [base, end]. */
bool ring_forget(struct ring *ring, uint64_t below);
