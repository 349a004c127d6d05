#include "root.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fail.h"

enum { PATH_SIZE = 4096 };

struct device {
  const char *name;
  unsigned major;
  unsigned minor;
};

static const struct device null_device = {"null", 1, 3};
static const struct device random_device = {"urandom", 1, 9};
static const struct device kvm_device = {"kvm", 10, 232};

static void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CLOEXEC);
  must(file >= 0, "open", path);
  must(write(file, text, strlen(text)) == (ssize_t)strlen(text), "write", path);
  must(close(file) == 0, "close", path);
}

/* Maps the caller's user and group to themselves: in its namespaces it has rights, and nobody else is there. */
static void map_user(uid_t user, gid_t group) {
  char line[64];
  write_file("/proc/self/setgroups", "deny");
  snprintf(line, sizeof line, "%u %u 1\n", user, user);
  write_file("/proc/self/uid_map", line);
  snprintf(line, sizeof line, "%u %u 1\n", group, group);
  write_file("/proc/self/gid_map", line);
}

static void enter_namespaces(bool own_user) {
  uid_t user = geteuid();
  gid_t group = getegid();
  int others = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  must(unshare(own_user ? others : others | CLONE_NEWUSER) == 0, "enter", "namespaces of its own");
  if (!own_user) map_user(user, group);
  must(sethostname("machine", strlen("machine")) == 0, "set", "the host name");
}

static const char *inside(char *buffer, const char *root, const char *path) {
  int length = snprintf(buffer, PATH_SIZE, "%s%s", root, path);
  if (length < 0 || length >= PATH_SIZE) fail("name", path);
  return buffer;
}

/* Flags of the file system below stay: a user namespace may not take them away. */
static unsigned long flags_below(const char *path) {
  struct statvfs status;
  must(statvfs(path, &status) == 0, "look at", path);
  unsigned long flags = 0;
  if ((status.f_flag & ST_NODEV) != 0) flags |= MS_NODEV;
  if ((status.f_flag & ST_NOEXEC) != 0) flags |= MS_NOEXEC;
  return flags;
}

static void bind(const char *from, const char *to) {
  must(mount(from, to, NULL, MS_BIND, NULL) == 0, "show", from);
}

static void make_read_only(const char *path, bool own_user, unsigned long flags) {
  flags |= MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | (own_user ? 0 : flags_below(path));
  must(mount(NULL, path, NULL, flags, NULL) == 0, "make read-only", path);
}

/* A node of its own has its own owner; without the right to make nodes the host's is shown. */
static void make_device(const struct options *options, const char *folder, const struct device *device) {
  char path[PATH_SIZE];
  char host[64];
  snprintf(host, sizeof host, "/dev/%s", device->name);
  if (snprintf(path, sizeof path, "%s/%s", folder, device->name) >= PATH_SIZE) fail("name", device->name);
  if (options->own_user) {
    must(mknod(path, S_IFCHR | 0600, makedev(device->major, device->minor)) == 0, "make", host);
    must(chown(path, options->user, options->user) == 0, "give away", host);
    return;
  }
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  must(file >= 0 && close(file) == 0, "make", host);
  bind(host, path);
}

static void make_devices(const struct options *options) {
  char folder[PATH_SIZE];
  inside(folder, options->root, "/dev");
  must(mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k,nr_inodes=16") == 0, "mount", "/dev");
  make_device(options, folder, &null_device);
  make_device(options, folder, &random_device);
  if (options->kvm) make_device(options, folder, &kvm_device);
  must(mount(NULL, folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) == 0, "make read-only",
       "/dev");
}

/* Of /proc the jail has its own descriptors alone: `/proc/self/fd/N` is how a file is opened by a descriptor. */
static void show_descriptors(const struct options *options) {
  char to[PATH_SIZE];
  char from[64];
  snprintf(from, sizeof from, "/proc/%d/fd", getpid());
  bind(from, inside(to, options->root, "/proc/self/fd"));
}

static void show_folders(const struct options *options) {
  for (size_t i = 0; i < options->folder_count; i++) {
    char to[PATH_SIZE];
    bind(options->folders[i].from, inside(to, options->root, options->folders[i].to));
    make_read_only(to, options->own_user, MS_NODEV | MS_NOEXEC);
  }
}

void root_enter(const struct options *options) {
  enter_namespaces(options->own_user);
  must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "make private", "all mounts");
  bind(options->root, options->root);
  make_devices(options);
  show_descriptors(options);
  show_folders(options);
  make_read_only(options->root, options->own_user, MS_NODEV);
  must(chdir(options->root) == 0, "go to", options->root);
  must(syscall(SYS_pivot_root, ".", ".") == 0, "change to", options->root);
  must(umount2(".", MNT_DETACH) == 0, "leave", "the host's files");
  must(chdir("/") == 0, "go to", "/");
}
