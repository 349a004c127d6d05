/* The sandbox's volumes at /volumes/<name>: a tmpfs each, or a folder of the Pod's disk, filled by the host before a
   container mounts it. */
#pragma once

#include "control.h"

enum { VOLUMES_MAX = 256 };

enum outcome volume_write(struct request *request);
enum outcome volume_update(struct request *request);

/* Whether PID 1 has made the volume, in its memory or on the Pod's disk. */
bool volume_is_own(const char *name);

void volumes_list(struct writer *answer);
