#include "pod-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "ready.h"

#define POD_DISK "/pod-disk"
#define TRASH "/pod-disk/trash"

/* Freed blocks go back to the host; its file reads as zeros where nothing was written, so there are no tables to clear.
   What the disk cannot keep ends the machine: containers would go on with files that are not there. */
#define OPTIONS "discard,noinit_itable,errors=panic"

enum { FOLDERS_OPEN = 8, TRASH_SIZE = sizeof TRASH "/" + 24 };

static bool is_there;
static bool wants_ready;
static bool is_ready;

bool pod_disk_is_there(void) { return is_there; }

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)kind;
  if (place->level > 0) remove(path);
  return 0;
}

static void empty_trash(void) {
  if (fork() != 0) return;
  background_begin(BACKGROUND_IDLES, NULL, 0);
  nftw(TRASH, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
  _exit(0);
}

/* Away at once by its name, and then bit by bit. */
static void discard(const char *path) {
  static unsigned discarded;
  char aside[TRASH_SIZE];
  do {
    snprintf(aside, sizeof aside, TRASH "/%u", ++discarded);
  } while (access(aside, F_OK) == 0);
  if (rename(path, aside) == 0) empty_trash();
}

/* So that a template's clones find nothing to do. */
static void write_out(void) {
  int folder = open(POD_DISK, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  syncfs(folder);
  close(folder);
}

void pod_disk_make_ready(void) { wants_ready = true; }

const char *pod_disk_layer(const char *container) { return is_ready ? ready_folder(container) : container; }

bool pod_disk_layer_is_ready(const char *container) { return pod_disk_layer(container) != container; }

#define READY_LAYER POD_LAYERS "/" READY_FOLDER

static bool mount_once(const char *options) {
  return mount("overlay", "/mnt", "overlay", 0, options) == 0 && umount2("/mnt", 0) == 0;
}

/* Mounted once, so that overlayfs makes and tries what it needs. A kernel without the option writes nothing: what a
   template's disk has not written yet, each of its clones would write. */
static void make_ready(void) {
  wants_ready = false;
  if (!mount_once("lowerdir=/run:/etc," POD_LAYER_IS_READY)) return;
  is_ready = mkdir(READY_LAYER, 0700) == 0 && mkdir(READY_LAYER "/upper", 0755) == 0 &&
             mkdir(READY_LAYER "/work", 0755) == 0 &&
             mount_once("lowerdir=/run,upperdir=" READY_LAYER "/upper,workdir=" READY_LAYER "/work,volatile");
  if (!is_ready) discard(READY_LAYER);
}

bool pod_disk_mount(const char *device, struct failure *failure) {
  mkdir(POD_DISK, 0700);
  if (mount(device, POD_DISK, "ext4", MS_NODEV, OPTIONS) != 0) return refuse_errno(failure, "mount the Pod's disk");
  mkdir(TRASH, 0700);
  discard(POD_LAYERS);
  bool made = mkdir(POD_LAYERS, 0700) == 0 && (mkdir(POD_VOLUMES, 0700) == 0 || errno == EEXIST);
  if (!made) return refuse_errno(failure, "make the Pod disk's folders");
  is_there = true;
  if (wants_ready) make_ready();
  write_out();
  return true;
}

bool pod_disk_unmount(struct failure *failure) {
  if (umount2(POD_DISK, 0) != 0) return refuse_errno(failure, "unmount the Pod's disk");
  is_there = false;
  is_ready = false;
  return true;
}

/* Each change of an inode is a transaction, which a machine's first moments have better uses for. */
static bool set_owner(const char *folder, unsigned group) {
  struct stat status;
  if (stat(folder, &status) != 0) return false;
  return (status.st_uid == 0 && status.st_gid == group) || chown(folder, 0, group) == 0;
}

static bool set_mode(const char *folder, unsigned mode) {
  struct stat status;
  if (stat(folder, &status) != 0) return false;
  return (status.st_mode & 07777) == mode || chmod(folder, mode) == 0;
}

bool pod_disk_add_volume(const char *name, const char *target, unsigned mode, unsigned group) {
  char folder[POD_FOLDER_SIZE];
  snprintf(folder, sizeof folder, POD_VOLUMES "/%s", name);
  mode_t own = umask(0);
  bool made = mkdir(folder, mode) == 0 || errno == EEXIST;
  int error = errno;
  umask(own);
  errno = error;
  return made && set_owner(folder, group) && set_mode(folder, mode) && mount(folder, target, NULL, MS_BIND, NULL) == 0;
}

void pod_disk_drop_layer(const char *container) {
  char folder[POD_FOLDER_SIZE];
  if (!is_there || container[0] == '\0') return;
  snprintf(folder, sizeof folder, POD_LAYERS "/%s", pod_disk_layer(container));
  if (pod_disk_layer_is_ready(container)) is_ready = false;
  discard(folder);
}
