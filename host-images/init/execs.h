/* Processes that join a running container. */
#pragma once

#include "process.h"

enum { EXECS_MAX = 64 };

enum outcome exec_start(struct request *request);

struct process *exec_find(uint32_t id);

/* The host knows its end; its streams remain until they are closed. */
void exec_forget(struct process *exec);

void execs_list(struct writer *answer);
