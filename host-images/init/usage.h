/* What containers and volumes use, in the fields of STATS. */
#pragma once

#include <sys/types.h>

#include "fields.h"

/* CPU, memory, processes, and the root file system as the process `pid` sees it. */
void usage_describe_container(const char *container, pid_t pid, struct writer *answer);

/* A group VOLUME_GROUP for each volume of the sandbox. */
void usage_describe_volumes(struct writer *answer);

/* The whole machine: CPU, memory, and what the containers' control groups hold together. */
void usage_describe_machine(struct writer *answer);
