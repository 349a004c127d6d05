/* Clones the child that becomes a container's process or an exec. */
#pragma once

#include "containers.h"

/* The answer to `start` comes when execve has succeeded or failed. False with a failure when there was no clone. */
bool launch_container(struct container *container, struct pending start, struct failure *failure);

/* `fields` are those of the EXEC request. */
bool launch_exec(struct container *container, struct process *exec, struct span fields, struct pending start,
                 struct failure *failure);
