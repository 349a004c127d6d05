/* Raw disks that a container has as device nodes: its DEVICE fields. */
#pragma once

#include <sys/types.h>

#include "control.h"

enum { RAW_DISKS_MAX = 32 };

struct raw_disks {
  size_t count;
  struct {
    struct span path; /* in the container */
    dev_t device;
  } list[RAW_DISKS_MAX];
};

/* Finds the disks that a container's definition names. False with a failure where one is not there. */
bool raw_disks_read(struct span definition, struct raw_disks *disks, struct failure *failure);

/* Makes the nodes, in the container's root, for the user whose the first process is. False with errno. */
bool raw_disks_make(const struct raw_disks *disks, uid_t owner, gid_t group);
