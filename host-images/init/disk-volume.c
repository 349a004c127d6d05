#include "disk-volume.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mount-options.h"
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

bool disk_volume_mount(const char *device, const char *file_system, const struct disk_volume *volume,
                       struct failure *failure) {
  char folder[FOLDER_SIZE];
  char rest[MOUNT_OPTIONS_SIZE];
  unsigned long flags = MS_NODEV;
  mount_options_split(volume->data, &flags, rest);
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
