#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { DESCRIPTORS_MAX = 64, FOLDERS_MAX = 4 };

enum descriptor_kind {
  DESCRIPTOR_INHERITED, /* open already */
  DESCRIPTOR_LISTEN,    /* a unix socket of this name in the working directory */
  DESCRIPTOR_READ,      /* a file, for reading */
  DESCRIPTOR_TAP,       /* the tap of this name */
};

struct descriptor {
  enum descriptor_kind kind;
  int number;
  const char *name;
};

/* A folder of the host that the jail shows, read-only, at a place that its root has. */
struct folder {
  const char *from;
  const char *to;
};

struct options {
  bool own_user;       /* take the user below; else keep the caller's, in a user namespace of its own */
  bool namespaces;     /* without them what is left is: no rights, no new ones, limits and the filter */
  uid_t user;          /* user and group of this number */
  const char *root;
  const char *cgroup;  /* joined first; NULL for none */
  bool kvm;
  rlim_t file_bytes;
  rlim_t processes;
  struct folder folders[FOLDERS_MAX];
  size_t folder_count;
  struct descriptor descriptors[DESCRIPTORS_MAX]; /* 3, 4, ... without a gap */
  size_t descriptor_count;
  char **command; /* NULL: make the jail and end, which tells whether it can be made */
};

/* Reads the command line; ends the jailer where it is wrong. */
void options_read(struct options *options, int count, char **arguments);

#endif
