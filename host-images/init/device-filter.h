/* Which devices a container may open: the OCI runtimes' list and its own raw disks, as a BPF program on its control
   group. */
#pragma once

#include "raw-disks.h"

/* Loads the program of containers without raw disks ahead of its first use. False with errno. */
bool device_filter_load(void);

bool device_filter_attach(int cgroup_fd, const struct raw_disks *raw);
