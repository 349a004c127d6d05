#include "raw-disks.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disks.h"
#include "files.h"
#include "ids.h"
#include "wire.h"

bool raw_disks_read(struct span definition, struct raw_disks *disks, struct failure *failure) {
  struct field field;
  disks->count = 0;
  while (field_next(&definition, &field)) {
    char id[ID_SIZE];
    struct span path = {NULL, 0};
    if (field.tag != TAG_DEVICE) continue;
    if (!fields_are_whole(field.value) || !id_field(field.value, TAG_DISK, id, failure)) {
      return refuse(failure, ERROR_INVALID, "DEVICE: expected a DISK and a MOUNT_TARGET");
    }
    bool has_path = field_find(field.value, TAG_MOUNT_TARGET, &path);
    if (!has_path || path.length == 0 || path.length >= PATH_MAX || path.bytes[0] != '/' || span_has_nul(path)) {
      return refuse(failure, ERROR_INVALID, "DEVICE: expected an absolute path as MOUNT_TARGET");
    }
    if (disks->count == RAW_DISKS_MAX) return refuse(failure, ERROR_BUSY, "more than %d DEVICEs", RAW_DISKS_MAX);
    disks->list[disks->count].path = path;
    if (!disk_raw_device(id, &disks->list[disks->count++].device)) {
      return refuse(failure, ERROR_NOT_FOUND, "there is no raw disk %s", id);
    }
  }
  return true;
}

static bool make(const char *path, dev_t device, uid_t owner, gid_t group) {
  char above[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t length = (size_t)(slash - path);
  memcpy(above, path, length);
  above[length] = '\0';
  if (length > 0 && !make_folders(above, 0755)) return false;
  return mknod(path, S_IFBLK | 0660, device) == 0 && lchown(path, owner, group) == 0 && chmod(path, 0660) == 0;
}

bool raw_disks_make(const struct raw_disks *disks, uid_t owner, gid_t group) {
  char path[PATH_MAX];
  for (size_t i = 0; i < disks->count; i++) {
    memcpy(path, disks->list[i].path.bytes, disks->list[i].path.length);
    path[disks->list[i].path.length] = '\0';
    if (!make(path, disks->list[i].device, owner, group)) return false;
  }
  return true;
}
