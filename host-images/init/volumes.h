/* The sandbox's volumes: a tmpfs each at /volumes/<name>, filled by the host before a container mounts it. */
#pragma once

#include "control.h"

enum { VOLUMES_MAX = 256 };

enum outcome volume_write(struct request *request);
enum outcome volume_update(struct request *request);

void volumes_list(struct writer *answer);
