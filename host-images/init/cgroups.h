/* Control groups (v2): one per container, under the Pod's, /sys/fs/cgroup/pods. */
#pragma once

#include "control.h"

/* In the place of a container's id: the group of all containers together. */
#define CGROUP_OF_POD ""

/* Switches the controllers on, once. */
void cgroups_init(void);

/* Makes the group for the first container (ready.h). */
void cgroups_make_ready(void);

/* Makes a container's group with the resources and raw disks that the fields of a request name, except the limit of CPU
   time: that comes when the program runs, for making the container's root would take many periods of a small one. */
bool cgroup_create(const char *container, struct span resources, bool privileged, struct failure *failure);
/* Sets the resources that the fields name and leaves the others. */
bool cgroup_update(const char *container, struct span resources, struct failure *failure);
bool cgroup_limit_cpu(const char *container, struct span resources, struct failure *failure);
void cgroup_remove(const char *container);

/* A descriptor to clone into, or -1. */
int cgroup_open(const char *container);

/* SIGKILL to all that is in it. */
bool cgroup_kill(const char *container);
bool cgroups_kill_all(void);

bool cgroup_was_oom_killed(const char *container);
