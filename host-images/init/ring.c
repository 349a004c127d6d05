#include "ring.h"

static size_t index_of(uint64_t offset) { return (size_t)(offset & (RING_SIZE - 1)); }

static size_t smaller(size_t left, size_t right) { return left < right ? left : right; }

uint8_t *ring_tail(const struct ring *ring, size_t *length) {
  size_t at = index_of(ring->end);
  *length = smaller(ring_free(ring), RING_SIZE - at);
  return ring->bytes + at;
}

void ring_filled(struct ring *ring, size_t length) { ring->end += smaller(length, ring_free(ring)); }

struct span ring_piece(const struct ring *ring, uint64_t offset) {
  if (offset < ring->base || offset >= ring->end) return (struct span){NULL, 0};
  size_t at = index_of(offset);
  return (struct span){ring->bytes + at, smaller((size_t)(ring->end - offset), RING_SIZE - at)};
}

size_t ring_copy(const struct ring *ring, uint64_t offset, uint8_t *to, size_t length) {
  size_t done = 0;
  while (done < length) {
    struct span piece = ring_piece(ring, offset + done);
    if (piece.length == 0) break;
    size_t step = smaller(piece.length, length - done);
    memcpy(to + done, piece.bytes, step);
    done += step;
  }
  return done;
}

size_t ring_append(struct ring *ring, struct span bytes) {
  size_t done = 0;
  while (done < bytes.length) {
    size_t room;
    uint8_t *to = ring_tail(ring, &room);
    if (room == 0) break;
    size_t step = smaller(room, bytes.length - done);
    memcpy(to, bytes.bytes + done, step);
    ring_filled(ring, step);
    done += step;
  }
  return done;
}

bool ring_forget(struct ring *ring, uint64_t below) {
  if (below < ring->base || below > ring->end) return false;
  ring->base = below;
  return true;
}
