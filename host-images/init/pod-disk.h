/* The Pod's own disk, ext4 at /pod-disk: writable layers of containers, and volumes that are to be on a disk. A machine
   without one has both in its memory. */
#pragma once

#include "control.h"
#include "ids.h"

#define POD_LAYERS "/pod-disk/layers"
/* The mount option of overlayfs for a layer that is ready (host-images/kernel/patches). */
#define POD_LAYER_IS_READY "prepared"
#define POD_VOLUMES "/pod-disk/volumes"

/* Room for any path of a folder on the disk. */
enum { POD_FOLDER_SIZE = sizeof POD_VOLUMES "/" + ID_SIZE };

/* The first disk gets a layer for the container that has what is ready (ready.h), where the kernel can do with it. */
void pod_disk_make_ready(void);

/* The name of a container's layer, and whether its folders are there for overlayfs to take as they are. */
const char *pod_disk_layer(const char *container);
bool pod_disk_layer_is_ready(const char *container);

/* Mounts the disk. Volumes that an earlier machine of the Pod left stay, layers go. */
bool pod_disk_mount(const char *device, struct failure *failure);

bool pod_disk_is_there(void);

/* Lets go of the disk, as long as nothing uses it. */
bool pod_disk_unmount(struct failure *failure);

/* Makes a volume's folder, unless an earlier machine did, and mounts it at `target`. False with errno. */
bool pod_disk_add_volume(const char *name, const char *target, unsigned mode, unsigned group);

/* Removes a container's layer, by a process of its own as that may take long. */
void pod_disk_drop_layer(const char *container);
