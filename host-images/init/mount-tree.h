/* Mounts that are held open: taken where they are, attached where a container wants them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A copy of what is mounted at a path and below it; of `folder` itself when the path is empty. -1 with errno. */
int tree_open(int folder, const char *path);

/* Sets MOUNT_ATTR_* bits on the tree's mount, or on all of its mounts. False with errno. */
bool tree_set(int tree, uint64_t attributes, bool recursive);

/* Gives all mounts of the tree a propagation: MS_PRIVATE, MS_SLAVE, MS_SHARED. False with errno. */
bool tree_propagate(int tree, unsigned long propagation);

/* Attaches the tree at a path that is there. The descriptor goes, so that no container can name it. False with
   errno. */
bool tree_attach(int tree, const char *path);

/* Makes an empty file for a tree to cover, and the folders above it. A link into nowhere gives way to it. */
bool tree_make_file(const char *path);
