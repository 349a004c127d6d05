#include "termination.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "wire.h"

static const char folder[] = "/run/termination";

enum { NAME_SIZE = sizeof folder + ID_SIZE };

static void name_of(const char *id, char *name) { snprintf(name, NAME_SIZE, "%s/%s", folder, id); }

bool termination_make(const char *id, struct span definition, struct failure *failure) {
  char name[NAME_SIZE];
  struct span path;
  if (!field_find(definition, TAG_TERMINATION_PATH, &path)) return true;
  name_of(id, name);
  int fd = make_folders(folder, 0700) ? open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
  if (fd < 0) return refuse_errno(failure, "make the file for the termination message");
  bool made = fchmod(fd, 0666) == 0;
  close(fd);
  return made || refuse_errno(failure, "make the file for the termination message");
}

int termination_open_tree(const char *id) {
  char name[NAME_SIZE];
  name_of(id, name);
  return (int)syscall(SYS_open_tree, AT_FDCWD, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

void termination_describe(const char *id, struct writer *answer) {
  char name[NAME_SIZE];
  char text[TERMINATION_MAX];
  struct stat status;
  name_of(id, name);
  int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return;
  if (fstat(fd, &status) == 0 && status.st_size > 0) {
    off_t start = status.st_size > TERMINATION_MAX ? status.st_size - TERMINATION_MAX : 0;
    ssize_t length = pread(fd, text, sizeof text, start);
    if (length > 0) write_bytes(answer, TAG_TERMINATION_MESSAGE, text, (size_t)length);
  }
  close(fd);
}

void termination_remove(const char *id) {
  char name[NAME_SIZE];
  name_of(id, name);
  unlink(name);
}
