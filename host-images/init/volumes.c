#include "volumes.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ids.h"
#include "pod-disk.h"
#include "volume-files.h"
#include "wire.h"

enum { FOLDER_SIZE = sizeof "/volumes/" + ID_SIZE, VERSION_SIZE = 65 };

static struct volume {
  char name[ID_SIZE]; /* "": free */
  bool complete;      /* the host has written all of it */
  char version[VERSION_SIZE];
} volumes[VOLUMES_MAX];

static struct volume *find(const char *name) {
  for (size_t i = 0; i < VOLUMES_MAX; i++) {
    if (strcmp(volumes[i].name, name) == 0) return &volumes[i];
  }
  return NULL;
}

bool volume_is_own(const char *name) { return find(name) != NULL; }

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
  uint32_t medium = VOLUME_IN_MEMORY;
  uint64_t limit = 0;
  field_u32(fields, TAG_VOLUME_MEDIUM, &medium);
  field_u32(fields, TAG_MODE, &mode);
  field_u32(fields, TAG_GROUP_ID, &group);
  field_u64(fields, TAG_SIZE, &limit);
  if (limit > 0) snprintf(size, sizeof size, "%llu", (unsigned long long)limit);
  snprintf(options, sizeof options, "mode=%o,gid=%u,size=%s", mode & 07777, group, size);
  folder_of(volume, folder);
  mkdir(folder, 0755);
  bool on_disk = medium == VOLUME_ON_DISK && pod_disk_is_there();
  bool made = on_disk ? pod_disk_add_volume(volume->name, folder, mode & 07777, group)
                      : mount("tmpfs", folder, "tmpfs", MS_NODEV, options) == 0;
  bool done = made && mount(NULL, folder, NULL, MS_SHARED, NULL) == 0;
  return done || refuse_errno(failure, "volume %s", volume->name);
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
  forget(volume);
  return NULL;
}

static bool write_entries(const struct volume *volume, struct span fields, struct failure *failure) {
  char folder[FOLDER_SIZE];
  folder_of(volume, folder);
  return volume_files_write(volume->name, folder, fields, failure);
}

/* The version of a volume is known to be in it only when all of that version is. */
static void note_version(struct volume *volume, struct span fields) {
  if (field_string(fields, TAG_VOLUME_VERSION, volume->version, VERSION_SIZE) != FOUND) volume->version[0] = '\0';
}

static uint32_t parts_of(struct request *request) {
  uint32_t parts = 0;
  field_u32(request->fields, TAG_VOLUME_PARTS, &parts);
  return parts;
}

enum outcome volume_write(struct request *request) {
  char name[ID_SIZE] = "";
  uint32_t parts = parts_of(request);
  struct failure *failure = request->failure;
  if (!id_field(request->fields, TAG_MOUNT_SOURCE, name, failure)) return OUTCOME_REFUSED;
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
  if (volume->complete) note_version(volume, request->fields);
  return OUTCOME_DONE;
}

enum outcome volume_update(struct request *request) {
  char name[ID_SIZE] = "";
  char folder[FOLDER_SIZE];
  struct failure *failure = request->failure;
  if (!id_field(request->fields, TAG_MOUNT_SOURCE, name, failure)) return OUTCOME_REFUSED;
  struct volume *volume = find(name);
  if (volume == NULL || !volume->complete) {
    refuse(failure, ERROR_NOT_FOUND, "volume %s was not written", name);
    return OUTCOME_REFUSED;
  }
  volume->version[0] = '\0';
  if (!write_entries(volume, request->fields, failure)) return OUTCOME_REFUSED;
  if ((parts_of(request) & VOLUME_LAST) == 0) return OUTCOME_DONE;
  folder_of(volume, folder);
  if (!volume_files_sweep(folder)) {
    refuse_errno(failure, "sweep volume %s", name);
    return OUTCOME_REFUSED;
  }
  note_version(volume, request->fields);
  return OUTCOME_DONE;
}

void volumes_list(struct writer *answer) {
  for (size_t i = 0; i < VOLUMES_MAX; i++) {
    if (!volumes[i].complete || volumes[i].name[0] == '\0') continue;
    size_t group = write_group_begin(answer, TAG_VOLUME_GROUP);
    write_string(answer, TAG_MOUNT_SOURCE, volumes[i].name);
    if (volumes[i].version[0] != '\0') write_string(answer, TAG_VOLUME_VERSION, volumes[i].version);
    write_group_end(answer, group);
  }
}
