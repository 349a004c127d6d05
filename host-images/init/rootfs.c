/* Makes a container's root: overlay over the image's disk, the kernel's file systems, devices, the sandbox's files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "devices.h"
#include "files.h"
#include "mount-tree.h"
#include "pod-disk.h"
#include "raw-disks.h"
#include "termination.h"
#include "wire.h"

enum { BASE_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC, PATH_SIZE = 256 };

/* Files and folders of the sandbox that every container sees, taken along over pivot_root as open trees. */
static struct shared {
  const char *source;
  const char *target;
  bool folder;
  int tree;
} shared[] = {
    {"/etc/hosts", "/etc/hosts", false, -1},
    {"/etc/hostname", "/etc/hostname", false, -1},
    {"/etc/resolv.conf", "/etc/resolv.conf", false, -1},
    {"/run/shm", "/dev/shm", true, -1},
};

enum { SHARED_COUNT = sizeof shared / sizeof *shared };

/* Below the image: what is mounted on and the image lacks, so that no layer has to get a copy of the folder above. */
#define MOUNT_POINTS "/mount-points"

void mount_points_make(void) {
  static const char *const folders[] = {"", "/dev", "/etc", "/proc", "/sys"};
  char path[PATH_SIZE];
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    snprintf(path, sizeof path, MOUNT_POINTS "%s", folders[i]);
    mkdir(path, 0755);
  }
  for (size_t i = 0; i < SHARED_COUNT; i++) {
    snprintf(path, sizeof path, MOUNT_POINTS "%s", shared[i].target);
    if (!shared[i].folder) file_replace(path, "", 0);
  }
}

static void must(const struct child *child, bool done, const char *what) {
  if (!done) child_fail(child, "%s: %s", what, strerror(errno));
}

/* Where the writable layer is: on the Pod's disk, whose folder goes when the container is removed, else in memory. On
   the disk nobody needs what a layer has after a crash, so it is never written out for that reason (`volatile`). */
static void make_layer(const struct child *child, char *layer, size_t size) {
  if (pod_disk_is_there()) {
    const char *container = child->process->container;
    snprintf(layer, size, POD_LAYERS "/%s", pod_disk_layer(container));
    must(child, pod_disk_layer_is_ready(container) || mkdir(layer, 0700) == 0, "make the writable layer");
  } else {
    snprintf(layer, size, "/mnt");
    must(child, mount("tmpfs", layer, "tmpfs", 0, "mode=755,size=100%") == 0, "mount the writable layer");
  }
}

static void mount_overlay(const struct child *child) {
  char lower[PATH_SIZE];
  char layer[PATH_SIZE];
  char upper[PATH_SIZE + 8];
  char work[PATH_SIZE + 8];
  char options[4 * PATH_SIZE];
  struct stat root;
  struct stat top;
  bool is_ready = pod_disk_layer_is_ready(child->process->container);
  make_layer(child, layer, sizeof layer);
  snprintf(lower, sizeof lower, "/disks/%s", child->container->disk);
  snprintf(upper, sizeof upper, "%s/upper", layer);
  snprintf(work, sizeof work, "%s/work", layer);
  snprintf(options, sizeof options, "lowerdir=%s:" MOUNT_POINTS ",upperdir=%s,workdir=%s,volatile%s", lower,
           upper, work, is_ready ? "," POD_LAYER_IS_READY : "");
  must(child, stat(lower, &root) == 0, "look at the image");
  if (!is_ready) {
    mkdir(upper, 0755);
    mkdir(work, 0755);
  }
  mkdir("/mnt/root", 0755);
  /* The overlay's root is the upper folder's. */
  must(child, stat(upper, &top) == 0, "look at the writable layer");
  bool owned = top.st_uid == root.st_uid && top.st_gid == root.st_gid;
  if (!owned) owned = chown(upper, root.st_uid, root.st_gid) == 0;
  if (owned && (top.st_mode & 07777) != (root.st_mode & 07777)) chmod(upper, root.st_mode & 07777);
  must(child, mount("overlay", "/mnt/root", "overlay", 0, options) == 0, "mount the overlay");
}

static void change_root(const struct child *child) {
  must(child, chdir("/mnt/root") == 0, "enter the root");
  must(child, syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
  must(child, umount2(".", MNT_DETACH) == 0, "leave the old root");
  must(child, chdir("/") == 0, "enter the root");
}

static void mount_at(const struct child *child, const char *kind, const char *target, unsigned long flags,
                     const char *options) {
  if (make_folders(target, 0755) && mount(kind, target, kind, flags, options) == 0) return;
  child_fail(child, "mount %s on %s: %s", kind, target, strerror(errno));
}

static void mount_kernel_file_systems(const struct child *child, bool privileged) {
  unsigned long view = BASE_FLAGS | (privileged ? 0 : MS_RDONLY);
  mount_at(child, "proc", "/proc", BASE_FLAGS, NULL);
  mount_at(child, "sysfs", "/sys", view, NULL);
  mount_at(child, "cgroup2", "/sys/fs/cgroup", view | MS_RELATIME, NULL);
  mount_at(child, "tmpfs", "/dev", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
  mount_at(child, "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5");
  mount_at(child, "mqueue", "/dev/mqueue", BASE_FLAGS, NULL);
}

static void attach_shared(const struct child *child) {
  for (size_t i = 0; i < SHARED_COUNT; i++) {
    const struct shared *one = &shared[i];
    bool made = one->folder ? make_folders(one->target, 0755) : tree_make_file(one->target);
    if (!made || !tree_attach(one->tree, one->target)) {
      child_fail(child, "mount %s: %s", one->target, strerror(errno));
    }
  }
}

static bool cover(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return true;
  if (S_ISDIR(status.st_mode)) return mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k") == 0;
  return mount("/dev/null", path, NULL, MS_BIND, NULL) == 0;
}

static bool make_read_only(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return true;
  return mount(path, path, NULL, MS_BIND | MS_REC, NULL) == 0 &&
         mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | BASE_FLAGS, NULL) == 0;
}

/* The paths that the OCI runtimes hide or protect. */
static void protect_kernel(const struct child *child) {
  static const char *const covered[] = {
      "/proc/acpi",       "/proc/asound",      "/proc/interrupts",  "/proc/kcore", "/proc/keys",
      "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
      "/sys/firmware",    "/sys/devices/virtual/powercap",
  };
  static const char *const fixed[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  for (size_t i = 0; i < sizeof covered / sizeof *covered; i++) must(child, cover(covered[i]), covered[i]);
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) must(child, make_read_only(fixed[i]), fixed[i]);
}

/* Where the container may say why it ends. Its own volumes may be below the path, so it comes after them. */
static void attach_termination(const struct child *child, int tree) {
  char target[4096];
  field_text(container_definition(child->container), TAG_TERMINATION_PATH, target, sizeof target);
  if (target[0] == '\0' || (tree_make_file(target) && tree_attach(tree, target))) return;
  child_fail(child, "mount the termination message on %s: %s", target, strerror(errno));
}

/* Volumes that are disks: their nodes are the user's, as no group of the image could be known to have them. */
static void make_raw_disks(const struct child *child) {
  struct raw_disks disks;
  struct identity user;
  struct failure failure;
  bool found = raw_disks_read(container_definition(child->container), &disks, &failure);
  if (!found) child_fail(child, "%s", failure.message);
  if (disks.count == 0) return;
  child_find_identity(child, &user);
  must(child, raw_disks_make(&disks, user.uid, user.gid), "make a disk's device");
}

void child_enter_root(const struct child *child) {
  uint32_t options = child->process->options;
  bool privileged = (options & OPTION_PRIVILEGED) != 0;
  struct devices devices = {.count = 0};
  mount_overlay(child);
  mounts_open(child);
  for (size_t i = 0; i < SHARED_COUNT; i++) shared[i].tree = tree_open(AT_FDCWD, shared[i].source);
  int termination = termination_open_tree(child->process->container);
  if (privileged) devices_collect(&devices);
  change_root(child);
  mount_kernel_file_systems(child, privileged);
  must(child, devices_make(&devices), "make devices");
  attach_shared(child);
  if ((options & OPTION_TTY) != 0) {
    child_take_terminal(child);
    must(child, devices_make_console(), "make /dev/console");
  }
  mounts_attach(child);
  attach_termination(child, termination);
  make_raw_disks(child);
  if (!privileged && (options & OPTION_UNMASKED_PROC) == 0) protect_kernel(child);
  if ((options & OPTION_READ_ONLY_ROOT) == 0) return;
  must(child, mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0, "make the root read-only");
}
