#include "mount-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

/* From linux/fcntl.h, which cannot be had beside the C library's. */
enum { RECURSIVE = 0x8000 };

int tree_open(int folder, const char *path) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | RECURSIVE | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
  return (int)syscall(SYS_open_tree, folder, path, flags);
}

static bool set(int tree, const struct mount_attr *wanted, bool recursive) {
  unsigned flags = AT_EMPTY_PATH | (recursive ? RECURSIVE : 0);
  return syscall(SYS_mount_setattr, tree, "", flags, wanted, sizeof *wanted) == 0;
}

bool tree_set(int tree, uint64_t attributes, bool recursive) {
  const struct mount_attr wanted = {.attr_set = attributes};
  return attributes == 0 || set(tree, &wanted, recursive);
}

bool tree_propagate(int tree, unsigned long propagation) {
  const struct mount_attr wanted = {.propagation = propagation};
  return set(tree, &wanted, true);
}

bool tree_attach(int tree, const char *path) {
  bool attached = syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
  int error = errno;
  close(tree);
  errno = error;
  return attached;
}

static bool make_folders_above(const char *path) {
  char above[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t length = slash == NULL ? 0 : (size_t)(slash - path);
  if (length == 0) return true;
  if (length >= sizeof above) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(above, path, length);
  above[length] = '\0';
  return make_folders(above, 0755);
}

bool tree_make_file(const char *path) {
  struct stat status;
  /* To open it for writing would copy it into the container's layer. */
  if (stat(path, &status) == 0) {
    errno = EISDIR;
    return !S_ISDIR(status.st_mode);
  }
  if (!make_folders_above(path)) return false;
  for (int attempt = 0; attempt < 2; attempt++) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (fd >= 0) {
      close(fd);
      return true;
    }
    if (errno != ENOENT || unlink(path) != 0) return false;
  }
  return false;
}
