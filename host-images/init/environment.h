/* A process's arguments and environment, put together in the child. */
#pragma once

#include "child.h"

/* Both end with NULL and are the child's for good; NULL when memory is short. */
char **arguments_of(const struct child *child);
/* The container's environment, an exec's own over it, and what is always there: PATH, HOME, HOSTNAME, TERM. */
char **environment_of(const struct child *child, const char *home);

const char *environment_value(char **environment, const char *name);

/* What Go's errno says (runc's words), which differs from the C library's. */
const char *describe_errno(int error);
