/* What this program may see and do: the shared folders, its socket, and what files need. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { SHARES_MAX = 64 };

/* A folder or file of the host and the name that it is served under. */
struct share {
  const char *name;
  const char *path;
  bool read_only;
};

/* Enters namespaces whose file system is the shares alone, below `export_path`, built upon the empty folder `root`. */
void confine_root(const char *root, const struct share *shares, size_t count);

/* Gives up all rights but those over files, and all calls but those on files. */
void confine_rights(void);
