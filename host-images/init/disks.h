/* virtio-blk devices: images, mounted read-only at /disks/<id> and shared by containers, the disk of the Pod, and
   volumes that are disks of their own, mounted or raw. */
#pragma once

#include <sys/types.h>

#include "control.h"
#include "ids.h"

enum { DISKS_MAX = 64, VOLUME_FOLDER_SIZE = sizeof "/volumes/" + ID_SIZE };

enum outcome disk_mount(struct request *request);
enum outcome disk_unmount(struct request *request);

/* Adds what is mounted at /disks/<id> already. False when there is no room. */
bool disk_add(const char *id);

/* Counts a container in; false when there is no such disk. */
bool disk_use(const char *id);
void disk_unuse(const char *id);

/* The number of a raw disk's device; false when there is no such disk. */
bool disk_raw_device(const char *id, dev_t *device);

/* A volume that is a disk of its own. */
struct disk_of_volume {
  char id[ID_SIZE];
  char volume[ID_SIZE];
  char folder[VOLUME_FOLDER_SIZE]; /* where it is mounted */
  dev_t device;
  bool is_raw;
  bool is_read_only;
};

/* The one that a request names by DISK. False with a failure where there is none. */
bool disk_of_volume(struct span fields, struct disk_of_volume *found, struct failure *failure);

/* Looks again for the devices that requests wait for. */
void disks_look(void);
/* Milliseconds until the first waiting request's time is up, or -1. */
int disks_timeout_ms(void);

void disks_list(struct writer *answer);

/* Writes what is in memory of the Pod's disk and of volumes to their disks. */
void disks_sync(void);
