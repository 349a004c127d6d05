/* The file in which a container may say why it ends: one of PID 1's own, which covers the path that the host named. */
#pragma once

#include "containers.h"

enum { TERMINATION_MAX = 4096 };

/* Makes the file, empty and for everybody to write, if the container's definition names a path. False with a
   failure. */
bool termination_make(const char *id, struct span definition, struct failure *failure);

/* Opens it as a tree that can be attached elsewhere, before the root is changed; -1 where there is none. */
int termination_open_tree(const char *id);

/* Writes what the file holds, its last bytes, as a field. */
void termination_describe(const char *id, struct writer *answer);

void termination_remove(const char *id);
