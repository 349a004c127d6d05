/* One entry of a volume that the host fills: a folder, a file, more of a file, a symbolic link. No I/O. */
#pragma once

#include <stdbool.h>

#include "bytes.h"

enum { ENTRY_PATH_SIZE = 4000 };

struct volume_entry {
  uint32_t kind;              /* of `enum entry_kind` */
  char path[ENTRY_PATH_SIZE]; /* below the volume's folder */
  uint32_t mode;
  uint32_t owner;
  uint32_t group;
  struct span content; /* of a file, or where a link leads */
};

/* Reads an ENTRY group. NULL, or what is wrong with it. */
const char *volume_entry_read(struct span fields, struct volume_entry *entry);
