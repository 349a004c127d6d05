/* Which devices a container may open: the OCI runtimes' list, as a BPF program on its control group. */
#pragma once

#include <stdbool.h>

/* Loads the program ahead of its first use. False with errno. */
bool device_filter_load(void);

bool device_filter_attach(int cgroup_fd);
