/* What the folders of the Pod's disk hold. A tree may be large, so a process of its own counts while PID 1 goes on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bytes of disk and inodes. */
struct folder_usage {
  uint64_t bytes;
  uint64_t inodes;
};

enum folder_kind { FOLDER_LAYER, FOLDER_VOLUME };

/* Counts all folders anew, unless that is under way, and then calls `counted`: when all are counted, or when too much
   time has passed, with what was known before. False where it cannot begin. */
bool folder_usage_count(void (*counted)(void));

/* As counted last; nothing for a folder that came later. */
struct folder_usage folder_usage_of(enum folder_kind kind, const char *name);

/* Milliseconds until whoever waits has waited enough, or -1. */
int folder_usage_timeout_ms(void);
void folder_usage_look(void);
