#include "disk-volume.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire.h"

enum { FOLDER_SIZE = sizeof "/volumes/" + ID_SIZE, FOLDERS_OPEN = 8 };

static gid_t wanted_group;

/* What the kubelet does with each file of a volume that has an fsGroup: the group may what the owner may. */
static int give_to_group(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)place;
  if (lchown(path, (uid_t)-1, wanted_group) != 0) return -1;
  if (kind == FTW_SL) return 0;
  mode_t more = S_ISDIR(status->st_mode) ? S_ISGID | 0770 : 0660;
  return chmod(path, (status->st_mode & 07777) | more);
}

/* All files, unless the volume's own folder shows that it was done before (`OnRootMismatch`). */
static bool apply_group(const char *folder, gid_t group) {
  struct stat status;
  if (stat(folder, &status) != 0) return false;
  if (status.st_gid == group && (status.st_mode & (S_ISGID | 0770)) == (S_ISGID | 0770)) return true;
  wanted_group = group;
  return nftw(folder, give_to_group, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0;
}

bool disk_volume_read(struct span fields, struct disk_volume *volume, struct failure *failure) {
  if (!id_field(fields, TAG_MOUNT_SOURCE, volume->name, failure)) return false;
  if (field_string(fields, TAG_MOUNT_DATA, volume->data, sizeof volume->data) == MALFORMED) {
    return refuse(failure, ERROR_INVALID, "volume %s: MOUNT_DATA is too long", volume->name);
  }
  field_u32(fields, TAG_MOUNT_OPTIONS, &volume->options);
  volume->has_group = field_u32(fields, TAG_GROUP_ID, &volume->group) == FOUND;
  return true;
}

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

/* Splits a list of options into the mount's bits and the file system's text. */
static void split_options(const char *options, unsigned long *flags, char *rest) {
  char copy[256];
  char *place = NULL;
  size_t used = 0;
  strcpy(copy, options);
  rest[0] = '\0';
  for (char *name = strtok_r(copy, ",", &place); name != NULL; name = strtok_r(NULL, ",", &place)) {
    if (take_flag(name, flags)) continue;
    used += (size_t)sprintf(rest + used, "%s%s", used > 0 ? "," : "", name);
  }
}

bool disk_volume_mount(const char *device, const char *file_system, const struct disk_volume *volume,
                       struct failure *failure) {
  char folder[FOLDER_SIZE];
  char rest[sizeof volume->data];
  unsigned long flags = MS_NODEV;
  split_options(volume->data, &flags, rest);
  if ((volume->options & MOUNT_READ_ONLY) != 0) flags |= MS_RDONLY;
  snprintf(folder, sizeof folder, "/volumes/%s", volume->name);
  mkdir(folder, 0755);
  if (mount(device, folder, file_system, flags, rest) != 0) {
    return refuse_errno(failure, "mount volume %s (%s, %s)", volume->name, file_system, volume->data);
  }
  bool shared = mount(NULL, folder, NULL, MS_SHARED, NULL) == 0;
  bool given = !volume->has_group || (flags & MS_RDONLY) != 0 || apply_group(folder, volume->group);
  if (shared && given) return true;
  refuse_errno(failure, "give volume %s to group %u", volume->name, volume->group);
  umount2(folder, MNT_DETACH);
  return false;
}
