/* A volume that is the file system of a disk of its own, at /volumes/<name>. */
#pragma once

#include "control.h"
#include "ids.h"
#include "mount-options.h"

struct disk_volume {
  char name[ID_SIZE];
  char data[MOUNT_OPTIONS_SIZE];
  uint32_t options;
  uint32_t group;
  bool has_group; /* its files are to be the group's */
};

bool disk_volume_read(struct span fields, struct disk_volume *volume, struct failure *failure);
bool disk_volume_mount(const char *device, const char *file_system, const struct disk_volume *volume,
                       struct failure *failure);
