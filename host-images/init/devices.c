#include "devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const struct {
  const char *path;
  unsigned major;
  unsigned minor;
} nodes[] = {
    {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
};

static const struct {
  const char *to;
  const char *path;
} links[] = {
    {"pts/ptmx", "/dev/ptmx"},          {"/proc/self/fd", "/dev/fd"},       {"/proc/self/fd/0", "/dev/stdin"},
    {"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"}, {"/proc/kcore", "/dev/core"},
};

void devices_collect(struct devices *devices) {
  DIR *folder = opendir("/dev");
  if (folder == NULL) return;
  for (struct dirent *entry = readdir(folder); entry != NULL && devices->count < DEVICES_MAX; entry = readdir(folder)) {
    struct stat status;
    bool port = strncmp(entry->d_name, "vport", 5) == 0;
    if (port || strlen(entry->d_name) >= sizeof devices->list[0].name) continue;
    if (fstatat(dirfd(folder), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (!S_ISCHR(status.st_mode) && !S_ISBLK(status.st_mode)) continue;
    strcpy(devices->list[devices->count].name, entry->d_name);
    devices->list[devices->count].mode = status.st_mode;
    devices->list[devices->count].number = status.st_rdev;
    devices->count++;
  }
  closedir(folder);
}

bool devices_make(const struct devices *devices) {
  mode_t mask = umask(0);
  bool made = true;
  for (size_t i = 0; made && i < sizeof nodes / sizeof *nodes; i++) {
    made = mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) == 0;
  }
  for (size_t i = 0; made && i < sizeof links / sizeof *links; i++) made = symlink(links[i].to, links[i].path) == 0;
  for (size_t i = 0; made && i < devices->count; i++) {
    char path[64];
    snprintf(path, sizeof path, "/dev/%s", devices->list[i].name);
    made = mknod(path, devices->list[i].mode, devices->list[i].number) == 0 || errno == EEXIST;
  }
  umask(mask);
  return made;
}

bool devices_make_console(void) {
  unlink("/dev/console"); /* the machine's own, in a privileged container */
  int fd = open("/dev/console", O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
  if (fd < 0) return false;
  close(fd);
  return mount("/proc/self/fd/0", "/dev/console", NULL, MS_BIND, NULL) == 0;
}
