#include "disks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk-volume.h"
#include "files.h"
#include "ids.h"
#include "loop.h"
#include "pod-disk.h"
#include "wire.h"

enum { PATH_SIZE = 384, DEFAULT_TIMEOUT_MS = 2000, TIMEOUT_MAX_MS = 60000 };

static struct disk {
  char id[ID_SIZE]; /* "": free */
  char serial[24];  /* one of the two is "" */
  char pci[16];
  char file_system[16];
  uint32_t use;
  dev_t device; /* where it is a volume */
  struct disk_volume volume;
  struct pending mount; /* waits for its device until the deadline */
  uint64_t deadline_ms;
  bool mounted;
  unsigned users;
} disks[DISKS_MAX];

static struct disk *find(const char *id) {
  for (size_t i = 0; i < DISKS_MAX; i++) {
    if (disks[i].id[0] != '\0' && strcmp(disks[i].id, id) == 0) return &disks[i];
  }
  return NULL;
}

/* Calls `visit` for each entry of a folder until it says true. */
static bool any_entry(const char *path, bool (*visit)(const char *name, void *context), void *context) {
  DIR *folder = opendir(path);
  if (folder == NULL) return false;
  bool done = false;
  for (struct dirent *entry = readdir(folder); entry != NULL && !done; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') done = visit(entry->d_name, context);
  }
  closedir(folder);
  return done;
}

struct search {
  const struct disk *disk;
  char device[PATH_SIZE];
};

static bool has_serial(const char *name, void *context) {
  struct search *search = context;
  char path[PATH_SIZE];
  char serial[64];
  snprintf(path, sizeof path, "/sys/block/%s/serial", name);
  if (!file_read_line(path, serial, sizeof serial) || strcmp(serial, search->disk->serial) != 0) return false;
  snprintf(search->device, sizeof search->device, "/dev/%s", name);
  return true;
}

static bool is_device(const char *name, void *context) {
  struct search *search = context;
  snprintf(search->device, sizeof search->device, "/dev/%s", name);
  return true;
}

/* A virtio device below a PCI slot: looks for its disk. */
static bool has_disk(const char *name, void *context) {
  struct search *search = context;
  char path[PATH_SIZE];
  if (strncmp(name, "virtio", 6) != 0) return false;
  snprintf(path, sizeof path, "/sys/bus/virtio/devices/%s/block", name);
  return any_entry(path, is_device, search);
}

static bool find_device(struct search *search) {
  if (search->disk->serial[0] != '\0') return any_entry("/sys/block", has_serial, search);
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "/sys/bus/pci/devices/%s", search->disk->pci);
  return any_entry(path, has_disk, search);
}

static void target_of(const struct disk *disk, char *path) { snprintf(path, PATH_SIZE, "/disks/%s", disk->id); }

/* 0: it is not there yet. */
static dev_t number_of(const char *device) {
  struct stat status;
  return stat(device, &status) == 0 ? status.st_rdev : 0;
}

/* OUTCOME_LATER when the device is not there yet. */
static enum outcome try_mount(struct disk *disk, struct failure *failure) {
  struct search search = {.disk = disk};
  char target[PATH_SIZE];
  if (!find_device(&search)) return OUTCOME_LATER;
  if (disk->use == DISK_OF_POD) {
    disk->mounted = pod_disk_mount(search.device, failure);
    return disk->mounted ? OUTCOME_DONE : OUTCOME_REFUSED;
  }
  if (disk->use == DISK_OF_VOLUME) {
    disk->device = number_of(search.device);
    disk->mounted = disk_volume_mount(search.device, disk->file_system, &disk->volume, failure);
    return disk->mounted ? OUTCOME_DONE : OUTCOME_REFUSED;
  }
  if (disk->use == DISK_RAW) {
    disk->device = number_of(search.device);
    disk->mounted = disk->device != 0;
    return disk->mounted ? OUTCOME_DONE : OUTCOME_LATER;
  }
  target_of(disk, target);
  mkdir(target, 0755);
  if (mount(search.device, target, disk->file_system, MS_RDONLY | MS_NODEV, NULL) == 0) {
    disk->mounted = true;
    return OUTCOME_DONE;
  }
  refuse_errno(failure, "mount disk %s (%s) as %s", disk->id, search.device, disk->file_system);
  if (failure->number == ENODEV) failure->kind = ERROR_UNSUPPORTED;
  rmdir(target);
  return OUTCOME_REFUSED;
}

static bool is_known(const struct disk *disk) {
  if (disk->use == DISK_OF_POD) return strcmp(disk->file_system, "ext4") == 0;
  if (disk->use == DISK_OF_VOLUME || disk->use == DISK_RAW) return true;
  bool image = strcmp(disk->file_system, "squashfs") == 0 || strcmp(disk->file_system, "erofs") == 0;
  return disk->use == DISK_OF_IMAGE && image;
}

static bool read_request(struct span fields, struct disk *disk, uint32_t *timeout_ms, struct failure *failure) {
  if (!id_field(fields, TAG_DISK, disk->id, failure)) return false;
  enum found serial = field_string(fields, TAG_DISK_SERIAL, disk->serial, sizeof disk->serial);
  enum found pci = field_string(fields, TAG_DISK_PCI, disk->pci, sizeof disk->pci);
  if ((serial == FOUND) == (pci == FOUND) || strpbrk(disk->pci, "/") != NULL) {
    return refuse(failure, ERROR_INVALID, "disk %s: expected one of DISK_SERIAL and DISK_PCI", disk->id);
  }
  field_u32(fields, TAG_DISK_USE, &disk->use);
  if (disk->use == DISK_OF_VOLUME && !disk_volume_read(fields, &disk->volume, failure)) return false;
  enum found type = field_string(fields, TAG_FILE_SYSTEM, disk->file_system, sizeof disk->file_system);
  if (type != FOUND && disk->use != DISK_RAW) {
    return refuse(failure, ERROR_INVALID, "disk %s: FILE_SYSTEM is missing", disk->id);
  }
  if (!is_known(disk)) {
    return refuse(failure, ERROR_UNSUPPORTED,
                  "disk %s: file system %s for use %u, expected squashfs or erofs for %d, ext4 for %d", disk->id,
                  disk->file_system, disk->use, DISK_OF_IMAGE, DISK_OF_POD);
  }
  *timeout_ms = DEFAULT_TIMEOUT_MS;
  field_u32(fields, TAG_TIMEOUT, timeout_ms);
  if (*timeout_ms > TIMEOUT_MAX_MS) *timeout_ms = TIMEOUT_MAX_MS;
  return true;
}

bool disk_add(const char *id) {
  for (size_t i = 0; i < DISKS_MAX; i++) {
    if (disks[i].id[0] != '\0') continue;
    disks[i] = (struct disk){.mounted = true};
    snprintf(disks[i].id, sizeof disks[i].id, "%s", id);
    return true;
  }
  return false;
}

enum outcome disk_mount(struct request *request) {
  struct disk wanted = {.mounted = false};
  uint32_t timeout_ms;
  if (!read_request(request->fields, &wanted, &timeout_ms, request->failure)) return OUTCOME_REFUSED;
  struct disk *disk = find(wanted.id);
  if (disk != NULL) {
    bool same = strcmp(disk->serial, wanted.serial) == 0 && strcmp(disk->pci, wanted.pci) == 0;
    if (same && disk->mounted) return OUTCOME_DONE;
    /* A daemon that is gone asked first: this one takes its place. */
    if (!same || disk->mount.session == request->pending.session) {
      refuse(request->failure, ERROR_EXISTS, "disk %s is there, from another device or being mounted", wanted.id);
      return OUTCOME_REFUSED;
    }
  }
  for (size_t i = 0; i < DISKS_MAX && disk == NULL; i++) {
    if (disks[i].id[0] == '\0') disk = &disks[i];
  }
  if (disk == NULL) {
    refuse(request->failure, ERROR_BUSY, "%d disks are mounted", DISKS_MAX);
    return OUTCOME_REFUSED;
  }
  *disk = wanted;
  enum outcome outcome = try_mount(disk, request->failure);
  if (outcome == OUTCOME_REFUSED) disk->id[0] = '\0';
  if (outcome == OUTCOME_LATER) {
    disk->mount = request->pending;
    disk->deadline_ms = loop_now_ms() + timeout_ms;
  }
  return outcome;
}

static bool waits(const struct disk *disk) { return disk->id[0] != '\0' && !disk->mounted; }

static void look_for(struct disk *disk) {
  struct failure failure = {0};
  enum outcome outcome = try_mount(disk, &failure);
  if (outcome == OUTCOME_DONE) control_answer(&disk->mount, NULL);
  if (outcome == OUTCOME_LATER && loop_now_ms() >= disk->deadline_ms) {
    const char *device = disk->serial[0] != '\0' ? disk->serial : disk->pci;
    refuse(&failure, ERROR_NOT_FOUND, "disk %s: no virtio-blk device %s appeared in time", disk->id, device);
    outcome = OUTCOME_REFUSED;
  }
  if (outcome != OUTCOME_REFUSED) return;
  control_refuse(&disk->mount, &failure);
  disk->id[0] = '\0';
}

void disks_look(void) {
  for (size_t i = 0; i < DISKS_MAX; i++) {
    if (waits(&disks[i])) look_for(&disks[i]);
  }
}

int disks_timeout_ms(void) {
  uint64_t first = LOOP_NEVER;
  for (size_t i = 0; i < DISKS_MAX; i++) {
    if (waits(&disks[i]) && disks[i].deadline_ms < first) first = disks[i].deadline_ms;
  }
  return loop_ms_until(first);
}

enum outcome disk_unmount(struct request *request) {
  char id[ID_SIZE];
  char target[PATH_SIZE];
  if (!id_field(request->fields, TAG_DISK, id, request->failure)) return OUTCOME_REFUSED;
  struct disk *disk = find(id);
  if (disk == NULL || !disk->mounted) return OUTCOME_DONE;
  if (disk->use == DISK_OF_POD) {
    if (!pod_disk_unmount(request->failure)) return OUTCOME_REFUSED;
    disk->id[0] = '\0';
    return OUTCOME_DONE;
  }
  if (disk->use != DISK_OF_IMAGE) {
    refuse(request->failure, ERROR_WRONG_STATE, "disk %s is the Pod's as long as it runs", id);
    return OUTCOME_REFUSED;
  }
  if (disk->users > 0) {
    refuse(request->failure, ERROR_WRONG_STATE, "disk %s is in use by %u containers", id, disk->users);
    return OUTCOME_REFUSED;
  }
  target_of(disk, target);
  if (umount2(target, 0) != 0) {
    refuse_errno(request->failure, "unmount disk %s", id);
    return OUTCOME_REFUSED;
  }
  rmdir(target);
  disk->id[0] = '\0';
  return OUTCOME_DONE;
}

bool disk_use(const char *id) {
  struct disk *disk = find(id);
  if (disk == NULL || !disk->mounted || disk->use != DISK_OF_IMAGE) return false;
  disk->users++;
  return true;
}

bool disk_raw_device(const char *id, dev_t *device) {
  const struct disk *disk = find(id);
  if (disk == NULL || !disk->mounted || disk->use != DISK_RAW) return false;
  *device = disk->device;
  return true;
}

bool disk_of_volume(struct span fields, struct disk_of_volume *found, struct failure *failure) {
  if (!id_field(fields, TAG_DISK, found->id, failure)) return false;
  const struct disk *disk = find(found->id);
  if (disk == NULL || !disk->mounted || (disk->use != DISK_OF_VOLUME && disk->use != DISK_RAW)) {
    return refuse(failure, ERROR_NOT_FOUND, "disk %s is no volume's", found->id);
  }
  const char *volume = disk->use == DISK_RAW ? disk->id : disk->volume.name;
  memcpy(found->volume, volume, ID_SIZE);
  snprintf(found->folder, sizeof found->folder, "/volumes/%s", volume);
  found->device = disk->device;
  found->is_raw = disk->use == DISK_RAW;
  found->is_read_only = (disk->volume.options & MOUNT_READ_ONLY) != 0;
  return true;
}

void disk_unuse(const char *id) {
  struct disk *disk = find(id);
  if (disk != NULL && disk->users > 0) disk->users--;
}

void disks_list(struct writer *answer) {
  for (size_t i = 0; i < DISKS_MAX; i++) {
    if (!disks[i].mounted || disks[i].id[0] == '\0') continue;
    size_t group = write_group_begin(answer, TAG_DISK_GROUP);
    write_string(answer, TAG_DISK, disks[i].id);
    if (disks[i].serial[0] != '\0') write_string(answer, TAG_DISK_SERIAL, disks[i].serial);
    if (disks[i].pci[0] != '\0') write_string(answer, TAG_DISK_PCI, disks[i].pci);
    write_group_end(answer, group);
  }
}

void disks_sync(void) {
  for (size_t i = 0; i < DISKS_MAX; i++) {
    char folder[PATH_SIZE] = POD_VOLUMES;
    if (!disks[i].mounted || (disks[i].use != DISK_OF_POD && disks[i].use != DISK_OF_VOLUME)) continue;
    if (disks[i].use == DISK_OF_VOLUME) snprintf(folder, sizeof folder, "/volumes/%s", disks[i].volume.name);
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) continue;
    syncfs(file);
    close(file);
  }
}
