#include "rings.h"

#include <sys/mman.h>

/* So many mapped pieces wait for the next ring; more go back to the kernel. */
enum { SPARE_MAX = 8 };

/* A container has two streams, which find theirs in a fresh clone. */
enum { USUAL = 2 };

static uint8_t *spare[SPARE_MAX];
static size_t spare_count;

bool ring_prepare(struct ring *ring) {
  if (ring->bytes != NULL) return true;
  if (spare_count > 0) {
    ring->bytes = spare[--spare_count];
    return true;
  }
  void *bytes = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED) return false;
  /* Children need none of it: cheaper clones. */
  madvise(bytes, RING_SIZE, MADV_DONTFORK);
  ring->bytes = bytes;
  return true;
}

void rings_init(void) {
  struct ring rings[USUAL] = {{.bytes = NULL}};
  for (size_t i = 0; i < USUAL; i++) ring_prepare(&rings[i]);
  for (size_t i = 0; i < USUAL; i++) ring_release(&rings[i]);
}

void ring_release(struct ring *ring) {
  ring->base = ring->end;
  if (ring->bytes == NULL) return;
  if (spare_count < SPARE_MAX) {
    spare[spare_count++] = ring->bytes;
  } else {
    munmap(ring->bytes, RING_SIZE);
  }
  ring->bytes = NULL;
}
