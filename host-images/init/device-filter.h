/* Which devices a container may open: the OCI runtimes' list, as a BPF program on its control group. */
#pragma once

#include <stdbool.h>

bool device_filter_attach(int cgroup_fd);
