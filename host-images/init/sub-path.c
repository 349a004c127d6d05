#include "sub-path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "errand.h"
#include "files.h"
#include "ids.h"
#include "volumes.h"
#include "wire.h"

enum { CONTENT_MAX = 64 * 1024 };

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

static const char *reason(void) { return errno == EXDEV ? "leads out of the volume" : strerror(errno); }

static enum outcome answer(int root, char *path, struct failure *failure) {
  struct stat status;
  int found = open_beneath(root, path);
  if (found >= 0) {
    close(found);
    return OUTCOME_DONE;
  }
  if (errno != ENOENT) {
    refuse(failure, ERROR_INVALID, "sub path %.200s: %s", path, reason());
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

/* The path that a request names, and a descriptor of its volume's folder; -1 with a failure. */
static int open_volume(struct request *request, char path[SUB_PATH_SIZE]) {
  char name[ID_SIZE];
  char folder[sizeof "/volumes/" + ID_SIZE];
  if (!id_field(request->fields, TAG_MOUNT_SOURCE, name, request->failure)) return -1;
  if (field_string(request->fields, TAG_MOUNT_SUB_PATH, path, SUB_PATH_SIZE) != FOUND || path[0] == '\0') {
    refuse(request->failure, ERROR_INVALID, "MOUNT_SUB_PATH is missing or too long");
    return -1;
  }
  snprintf(folder, sizeof folder, "/volumes/%s", name);
  int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) refuse(request->failure, ERROR_NOT_FOUND, "there is no volume %s", name);
  return root;
}

static enum outcome prepare(struct request *request) {
  static char path[SUB_PATH_SIZE];
  int root = open_volume(request, path);
  if (root < 0) return OUTCOME_REFUSED;
  enum outcome outcome = answer(root, path, request->failure);
  close(root);
  return outcome;
}

/* What PID 1 has written is in its own hands; all else may make whoever asks for it wait. */
static enum outcome carry_out(struct request *request, enum outcome (*work)(struct request *request)) {
  char name[ID_SIZE];
  if (!id_field(request->fields, TAG_MOUNT_SOURCE, name, request->failure)) return OUTCOME_REFUSED;
  return volume_is_own(name) ? work(request) : errand_run(request, work, name);
}

enum outcome sub_path_prepare(struct request *request) { return carry_out(request, prepare); }

/* Opens what is a file and no pipe or device, which could make the reader wait. -1 with errno. */
static int open_file(int root, const char *path) {
  char again[32];
  struct stat status;
  int found = open_beneath(root, path);
  if (found < 0) return -1;
  bool is_file = fstat(found, &status) == 0 && S_ISREG(status.st_mode);
  snprintf(again, sizeof again, "/proc/self/fd/%d", found);
  int file = is_file ? open(again, O_RDONLY | O_CLOEXEC) : -1;
  int error = is_file ? errno : EINVAL;
  close(found);
  errno = error;
  return file;
}

static enum outcome read_file(struct request *request) {
  static char path[SUB_PATH_SIZE];
  static uint8_t content[CONTENT_MAX + 1];
  int root = open_volume(request, path);
  if (root < 0) return OUTCOME_REFUSED;
  int file = open_file(root, path);
  ssize_t length = file < 0 ? -1 : read_all(file, content, sizeof content);
  bool missing = length < 0 && (errno == ENOENT || errno == ENOTDIR);
  uint32_t kind = missing ? ERROR_NOT_FOUND : ERROR_INVALID;
  if (length < 0) refuse(request->failure, kind, "file %.200s: %s", path, reason());
  if (length > CONTENT_MAX) refuse(request->failure, kind, "file %.200s: longer than %d bytes", path, CONTENT_MAX);
  if (file >= 0) close(file);
  close(root);
  if (length < 0 || length > CONTENT_MAX) return OUTCOME_REFUSED;
  write_bytes(request->answer, TAG_CONTENT, content, (size_t)length);
  return OUTCOME_DONE;
}

enum outcome sub_path_read(struct request *request) { return carry_out(request, read_file); }
