/* virtio-blk devices: images, mounted read-only at /disks/<id> and shared by containers, and the disk of the Pod. */
#pragma once

#include "control.h"

enum { DISKS_MAX = 64 };

enum outcome disk_mount(struct request *request);
enum outcome disk_unmount(struct request *request);

/* Counts a container in; false when there is no such disk. */
bool disk_use(const char *id);
void disk_unuse(const char *id);

/* Looks again for the devices that requests wait for. */
void disks_look(void);
/* Milliseconds until the first waiting request's time is up, or -1. */
int disks_timeout_ms(void);

/* Takes the driver off all virtio-blk devices: a template's slots. */
void disks_unbind_all(void);

void disks_list(struct writer *answer);
