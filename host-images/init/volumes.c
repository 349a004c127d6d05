#include "volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "ids.h"
#include "volume-entry.h"
#include "wire.h"

enum { FOLDER_SIZE = sizeof "/volumes/" + ID_SIZE };

static struct volume {
  char name[ID_SIZE]; /* "": free */
  bool complete;      /* the host has written all of it */
} volumes[VOLUMES_MAX];

static struct volume *find(const char *name) {
  for (size_t i = 0; i < VOLUMES_MAX; i++) {
    if (strcmp(volumes[i].name, name) == 0) return &volumes[i];
  }
  return NULL;
}

static void folder_of(const struct volume *volume, char folder[FOLDER_SIZE]) {
  snprintf(folder, FOLDER_SIZE, "/volumes/%s", volume->name);
}

static void forget(struct volume *volume) {
  char folder[FOLDER_SIZE];
  folder_of(volume, folder);
  umount2(folder, MNT_DETACH);
  volume->name[0] = '\0';
}

static bool mount_empty(const struct volume *volume, struct span fields, struct failure *failure) {
  char folder[FOLDER_SIZE];
  char size[32] = "100%";
  char options[96];
  uint32_t mode = 0777;
  uint32_t group = 0;
  uint64_t limit = 0;
  field_u32(fields, TAG_MODE, &mode);
  field_u32(fields, TAG_GROUP_ID, &group);
  field_u64(fields, TAG_SIZE, &limit);
  if (limit > 0) snprintf(size, sizeof size, "%llu", (unsigned long long)limit);
  snprintf(options, sizeof options, "mode=%o,gid=%u,size=%s", mode & 07777, group, size);
  folder_of(volume, folder);
  mkdir(folder, 0755);
  return mount("tmpfs", folder, "tmpfs", MS_NODEV, options) == 0 || refuse_errno(failure, "volume %s", volume->name);
}

/* A volume that a daemon did not finish is begun anew by the next one. */
static struct volume *begin(const char *name, struct span fields, struct failure *failure) {
  struct volume *volume = find(name);
  if (volume != NULL) forget(volume);
  volume = find("");
  if (volume == NULL) {
    refuse(failure, ERROR_BUSY, "there are %d volumes", VOLUMES_MAX);
    return NULL;
  }
  *volume = (struct volume){.complete = false};
  memcpy(volume->name, name, ID_SIZE);
  if (mount_empty(volume, fields, failure)) return volume;
  volume->name[0] = '\0';
  return NULL;
}

static bool write_file(const char *path, int flags, const struct volume_entry *entry) {
  int fd = open(path, flags | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool done = write_all(fd, entry->content.bytes, entry->content.length);
  if (done && entry->kind == ENTRY_FILE) {
    done = fchown(fd, entry->owner, entry->group) == 0 && fchmod(fd, entry->mode) == 0;
  }
  int error = errno;
  close(fd);
  errno = error;
  return done;
}

static bool make_link(const char *path, const struct volume_entry *entry) {
  char target[ENTRY_PATH_SIZE];
  memcpy(target, entry->content.bytes, entry->content.length);
  target[entry->content.length] = '\0';
  return symlink(target, path) == 0 && lchown(path, entry->owner, entry->group) == 0;
}

static bool make_folder(const char *path, const struct volume_entry *entry) {
  return mkdir(path, 0700) == 0 && chown(path, entry->owner, entry->group) == 0 && chmod(path, entry->mode) == 0;
}

static bool make_entry(const char *path, const struct volume_entry *entry) {
  switch (entry->kind) {
    case ENTRY_FOLDER:
      return make_folder(path, entry);
    case ENTRY_FILE:
      return write_file(path, O_CREAT | O_EXCL, entry);
    case ENTRY_MORE:
      return write_file(path, O_APPEND, entry);
    default:
      return make_link(path, entry);
  }
}

static bool write_entries(const struct volume *volume, struct span rest, struct failure *failure) {
  static struct volume_entry entry;
  static char path[PATH_MAX];
  char folder[FOLDER_SIZE];
  struct field field;
  folder_of(volume, folder);
  while (field_next(&rest, &field)) {
    if (field.tag != TAG_ENTRY) continue;
    const char *wrong = volume_entry_read(field.value, &entry);
    if (wrong != NULL) return refuse(failure, ERROR_INVALID, "volume %s: ENTRY: %s", volume->name, wrong);
    int length = snprintf(path, sizeof path, "%s/%s", folder, entry.path);
    if (length < 0 || (size_t)length >= sizeof path) {
      return refuse(failure, ERROR_INVALID, "volume %s: PATH is too long", volume->name);
    }
    if (!make_entry(path, &entry)) return refuse_errno(failure, "volume %s: %.200s", volume->name, entry.path);
  }
  return true;
}

enum outcome volume_write(struct request *request) {
  char name[ID_SIZE] = "";
  uint32_t parts = 0;
  struct failure *failure = request->failure;
  if (!id_field(request->fields, TAG_MOUNT_SOURCE, name, failure)) return OUTCOME_REFUSED;
  field_u32(request->fields, TAG_VOLUME_PARTS, &parts);
  struct volume *volume = find(name);
  if (volume != NULL && volume->complete) {
    refuse(failure, ERROR_EXISTS, "volume %s is complete", name);
    return OUTCOME_REFUSED;
  }
  if ((parts & VOLUME_FIRST) != 0) {
    volume = begin(name, request->fields, failure);
  } else if (volume == NULL) {
    refuse(failure, ERROR_NOT_FOUND, "volume %s was not begun", name);
  }
  if (volume == NULL) return OUTCOME_REFUSED;
  if (!write_entries(volume, request->fields, failure)) {
    forget(volume);
    return OUTCOME_REFUSED;
  }
  volume->complete = (parts & VOLUME_LAST) != 0;
  return OUTCOME_DONE;
}
