/* What takes long to count: what folders of the Pod's disk hold, and what containers' processes have open. A process of
   its own counts while PID 1 goes on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum tally_kind { TALLY_LAYER, TALLY_VOLUME, TALLY_CONTAINER };

struct tally {
  /* Of a layer or a volume: of the disk, and inodes. */
  uint64_t bytes;
  uint64_t inodes;
  /* Of a container. */
  uint64_t processes;
  uint64_t files;
  uint64_t sockets; /* of those files */
};

/* Counts all anew, unless that is under way, and then calls `counted`: when all is counted, or when too much time has
   passed, with what was known before. False where it cannot begin. */
bool tally_begin(void (*counted)(void));

/* As counted last; false for what came later. */
bool tally_of(enum tally_kind kind, const char *name, struct tally *tally);

/* Milliseconds until whoever waits has waited enough, or -1. */
int tally_timeout_ms(void);
void tally_look(void);
