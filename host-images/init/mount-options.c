#include "mount-options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

/* Options that belong to the mount, which the kernel takes as bits; the rest is the file system's. */
static const struct {
  const char *name;
  unsigned long set;
  unsigned long clear;
} mount_flags[] = {
    {"ro", MS_RDONLY, 0},           {"rw", 0, MS_RDONLY},         {"nosuid", MS_NOSUID, 0},
    {"suid", 0, MS_NOSUID},         {"noexec", MS_NOEXEC, 0},     {"exec", 0, MS_NOEXEC},
    {"nodev", MS_NODEV, 0},         {"sync", MS_SYNCHRONOUS, 0},  {"async", 0, MS_SYNCHRONOUS},
    {"dirsync", MS_DIRSYNC, 0},     {"noatime", MS_NOATIME, 0},   {"atime", 0, MS_NOATIME},
    {"nodiratime", MS_NODIRATIME, 0}, {"relatime", MS_RELATIME, 0}, {"strictatime", MS_STRICTATIME, 0},
    {"lazytime", MS_LAZYTIME, 0},   {"defaults", 0, 0},
};

static bool take_flag(const char *name, unsigned long *flags) {
  for (size_t i = 0; i < sizeof mount_flags / sizeof *mount_flags; i++) {
    if (strcmp(mount_flags[i].name, name) != 0) continue;
    *flags = (*flags | mount_flags[i].set) & ~mount_flags[i].clear;
    return true;
  }
  return false;
}

void mount_options_split(const char *options, unsigned long *flags, char rest[MOUNT_OPTIONS_SIZE]) {
  char copy[MOUNT_OPTIONS_SIZE];
  char *place = NULL;
  size_t used = 0;
  snprintf(copy, sizeof copy, "%s", options);
  rest[0] = '\0';
  for (char *name = strtok_r(copy, ",", &place); name != NULL; name = strtok_r(NULL, ",", &place)) {
    if (take_flag(name, flags)) continue;
    used += (size_t)sprintf(rest + used, "%s%s", used > 0 ? "," : "", name);
  }
}
