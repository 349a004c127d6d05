#include "sub-path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ids.h"
#include "wire.h"

static int open_beneath(int folder, const char *path) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int sub_path_open(const char *folder, const char *path) {
  int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return -1;
  int found = open_beneath(root, path);
  int error = errno;
  close(root);
  errno = error;
  return found;
}

/* Makes the missing folders of a path one by one, each in the one before. False with errno. */
static bool make_beneath(int root, char *path, mode_t mode) {
  int above = dup(root);
  for (char *end = path; above >= 0 && *end != '\0'; end++) {
    while (*end == '/') end++;
    char *name = end;
    end += strcspn(end, "/");
    char cut = *end;
    *end = '\0';
    int next = open_beneath(root, path);
    if (next < 0 && errno == ENOENT && mkdirat(above, name, mode) == 0) next = open_beneath(root, path);
    int error = errno;
    *end = cut;
    close(above);
    errno = error;
    above = next;
    if (cut == '\0') break;
  }
  if (above < 0) return false;
  close(above);
  return true;
}

static enum outcome answer(int root, char *path, struct failure *failure) {
  struct stat status;
  int found = open_beneath(root, path);
  if (found >= 0) {
    close(found);
    return OUTCOME_DONE;
  }
  if (errno != ENOENT) {
    refuse(failure, ERROR_INVALID, "sub path %.200s: %s", path, errno == EXDEV ? "leads out of the volume" : strerror(errno));
    return OUTCOME_REFUSED;
  }
  mode_t own = umask(0);
  bool made = fstat(root, &status) == 0 && make_beneath(root, path, status.st_mode & 01777);
  int error = errno;
  umask(own);
  errno = error;
  if (made) return OUTCOME_DONE;
  refuse_errno(failure, "sub path %.200s", path);
  return OUTCOME_REFUSED;
}

enum outcome sub_path_prepare(struct request *request) {
  static char path[SUB_PATH_SIZE];
  char name[ID_SIZE];
  char folder[sizeof "/volumes/" + ID_SIZE];
  if (!id_field(request->fields, TAG_MOUNT_SOURCE, name, request->failure)) return OUTCOME_REFUSED;
  if (field_string(request->fields, TAG_MOUNT_SUB_PATH, path, sizeof path) != FOUND || path[0] == '\0') {
    refuse(request->failure, ERROR_INVALID, "MOUNT_SUB_PATH is missing or too long");
    return OUTCOME_REFUSED;
  }
  snprintf(folder, sizeof folder, "/volumes/%s", name);
  int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) {
    refuse(request->failure, ERROR_NOT_FOUND, "there is no volume %s", name);
    return OUTCOME_REFUSED;
  }
  enum outcome outcome = answer(root, path, request->failure);
  close(root);
  return outcome;
}
