#include "volume-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "volume-entry.h"
#include "wire.h"

enum { FOLDERS_OPEN = 8 };

static bool write_file(const char *path, int flags, const struct volume_entry *entry) {
  int fd = open(path, flags | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool done = write_all(fd, entry->content.bytes, entry->content.length);
  if (done && entry->kind == ENTRY_FILE) {
    done = fchown(fd, entry->owner, entry->group) == 0 && fchmod(fd, entry->mode) == 0;
  }
  int error = errno;
  close(fd);
  errno = error;
  return done;
}

/* Under another name first, so that nobody finds neither the old link nor the new one. */
static bool make_link(const char *path, const struct volume_entry *entry) {
  static char aside[PATH_MAX];
  char target[ENTRY_PATH_SIZE];
  memcpy(target, entry->content.bytes, entry->content.length);
  target[entry->content.length] = '\0';
  int length = snprintf(aside, sizeof aside, "%s_tmp", path);
  if (length < 0 || (size_t)length >= sizeof aside) {
    errno = ENAMETOOLONG;
    return false;
  }
  char present[ENTRY_PATH_SIZE];
  ssize_t known = readlink(path, present, sizeof present);
  if (known == (ssize_t)entry->content.length && memcmp(present, target, entry->content.length) == 0) return true;
  unlink(aside);
  return symlink(target, aside) == 0 && lchown(aside, entry->owner, entry->group) == 0 && rename(aside, path) == 0;
}

static bool make_folder(const char *path, const struct volume_entry *entry) {
  return mkdir(path, 0700) == 0 && chown(path, entry->owner, entry->group) == 0 && chmod(path, entry->mode) == 0;
}

static bool make_entry(const char *path, const struct volume_entry *entry) {
  switch (entry->kind) {
    case ENTRY_FOLDER:
      return make_folder(path, entry);
    case ENTRY_FILE:
      return write_file(path, O_CREAT | O_EXCL, entry);
    case ENTRY_MORE:
      return write_file(path, O_APPEND, entry);
    default:
      return make_link(path, entry);
  }
}

bool volume_files_write(const char *name, const char *folder, struct span fields, struct failure *failure) {
  static struct volume_entry entry;
  static char path[PATH_MAX];
  struct field field;
  while (field_next(&fields, &field)) {
    if (field.tag != TAG_ENTRY) continue;
    const char *wrong = volume_entry_read(field.value, &entry);
    if (wrong != NULL) return refuse(failure, ERROR_INVALID, "volume %s: ENTRY: %s", name, wrong);
    int length = snprintf(path, sizeof path, "%s/%s", folder, entry.path);
    if (length < 0 || (size_t)length >= sizeof path) {
      return refuse(failure, ERROR_INVALID, "volume %s: PATH is too long", name);
    }
    if (!make_entry(path, &entry)) return refuse_errno(failure, "volume %s: %.200s", name, entry.path);
  }
  return true;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)kind;
  (void)place;
  return remove(path);
}

static bool is_stale(int folder, const char *name, const char *current) {
  static const char *const own[] = {".", "..", "..data"};
  struct stat status;
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
    if (strcmp(name, own[i]) == 0) return false;
  }
  if (strcmp(name, current) == 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
  if (S_ISLNK(status.st_mode)) return fstatat(folder, name, &status, 0) != 0;
  return strncmp(name, "..", 2) == 0;
}

bool volume_files_sweep(const char *folder) {
  char current[NAME_MAX + 1] = "";
  char path[PATH_MAX];
  DIR *entries = opendir(folder);
  if (entries == NULL) return false;
  ssize_t length = readlinkat(dirfd(entries), "..data", current, sizeof current - 1);
  bool swept = length >= 0;
  for (struct dirent *entry = readdir(entries); swept && entry != NULL; entry = readdir(entries)) {
    if (!is_stale(dirfd(entries), entry->d_name, current)) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    swept = nftw(path, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS) == 0;
  }
  int error = errno;
  closedir(entries);
  errno = error;
  return swept;
}
