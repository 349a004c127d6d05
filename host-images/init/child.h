/* What runs in the child, between clone and execve. Nothing here returns to PID 1's loop. */
#pragma once

#include "containers.h"
#include "users.h"

/* All that a child needs to know; in PID 1's memory, of which the child has a copy. */
struct child {
  const struct container *container;
  const struct process *process;
  struct span own; /* an exec's own fields, which go before the container's; empty for the container */
  int report;
};

/* Reports a failure in words for the user and ends. */
_Noreturn __attribute__((format(printf, 2, 3))) void child_fail(const struct child *child, const char *format, ...);

/* child-stdio.c: makes 0, 1 and 2 the process's pipes (or /dev/null) and closes all of PID 1's other descriptors,
   before any path of the container is followed: an image could name one as /proc/self/fd/N and leave its root by it. */
void child_keep_own(const struct child *child);
/* Makes 0, 1 and 2 a new terminal, in the session that the process leads. */
void child_take_terminal(const struct child *child);
/* Lets the user have the pipes and the terminal. */
void child_own_stdio(uint32_t uid);

/* child-exec.c: who the process is to be, by the accounts of the root that this process is in; then becomes it and
   executes the program. */
void child_find_identity(const struct child *child, struct identity *identity);
_Noreturn void child_execute(const struct child *child);

/* mounts.c: opens what the container mounts, before its root is entered, and attaches it there. */
void mounts_open(const struct child *child);
void mounts_attach(const struct child *child);

/* rootfs.c: makes what lies below each image, once. */
void mount_points_make(void);

/* Makes the container's root and moves into it. The terminal is taken on the way. */
void child_enter_root(const struct child *child);
