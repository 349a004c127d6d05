/* Finds out who a container's process is: the image's passwd and group files, read as the OCI runtimes do. No I/O. */
#pragma once

#include <stdbool.h>

#include "bytes.h"

enum { SUPPLEMENTAL_MAX = 256 };

struct identity {
  uint32_t uid;
  uint32_t gid;
  uint32_t groups[SUPPLEMENTAL_MAX];
  size_t group_count;
  char home[256];
};

/*
 * `user` is "", "name", "uid", "name:group", "uid:gid" and so on. A number without an entry stands for itself, with
 * group 0 and home "/". False with a text in runc's words when a name has no entry.
 */
bool identity_resolve(const char *user, struct span passwd, struct span group, struct identity *identity, char *error,
                      size_t error_size);

/*
 * Puts the process's own group before those of the image's files, which `strict` leaves out: a file's rights for its
 * group must not be passed by, whichever group a process takes up later.
 */
void identity_finish(struct identity *identity, bool strict);

/* Adds a group if there is room and it is not there yet. */
void identity_add_group(struct identity *identity, uint32_t gid);
