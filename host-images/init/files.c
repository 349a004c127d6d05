#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool write_all(int fd, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t written = write(fd, next, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    next += written;
    length -= (size_t)written;
  }
  return true;
}

static bool write_to(const char *path, int flags, const void *bytes, size_t length) {
  int fd = open(path, flags | O_WRONLY | O_CLOEXEC | O_NOCTTY, 0644);
  if (fd < 0) return false;
  bool good = write_all(fd, bytes, length);
  int error = errno;
  close(fd);
  errno = error;
  return good;
}

bool file_write(const char *path, const char *text) { return write_to(path, 0, text, strlen(text)); }

/* A longer text covers the earlier one, which is then not cut off before: that is most of the work. */
bool file_replace(const char *path, const void *bytes, size_t length) {
  struct stat status;
  bool covers = stat(path, &status) == 0 && status.st_size <= (off_t)length;
  return write_to(path, covers ? 0 : O_CREAT | O_TRUNC, bytes, length);
}

ssize_t read_all(int fd, void *bytes, size_t size) {
  size_t length = 0;
  while (length < size) {
    ssize_t got = read(fd, (char *)bytes + length, size - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    length += (size_t)got;
  }
  return (ssize_t)length;
}

long file_read(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return -1;
  ssize_t length = read_all(fd, text, size - 1);
  int error = errno;
  close(fd);
  errno = error;
  if (length >= 0) text[length] = '\0';
  return length;
}

bool file_read_line(const char *path, char *text, size_t size) {
  long length = file_read(path, text, size);
  if (length < 0) return false;
  text[strcspn(text, "\n")] = '\0';
  return true;
}

bool text_number(const char *text, const char *key, uint64_t *number) {
  size_t length = strlen(key);
  for (const char *line = text; line != NULL && *line != '\0';) {
    if (strncmp(line, key, length) == 0 && line[length] == ' ') {
      *number = strtoull(line + length, NULL, 10);
      return true;
    }
    line = strchr(line, '\n');
    if (line != NULL) line++;
  }
  return false;
}

uint64_t file_number(const char *path, const char *key) {
  char text[FILE_TEXT_SIZE];
  uint64_t number = 0;
  if (file_read(path, text, sizeof text) < 0) return 0;
  if (*key == '\0') return strtoull(text, NULL, 10);
  text_number(text, key, &number);
  return number;
}

bool make_folders(const char *path, unsigned mode) {
  char part[PATH_MAX];
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof part) {
    errno = ENAMETOOLONG;
    return false;
  }
  for (size_t i = 1; i <= length; i++) {
    if (path[i] != '/' && path[i] != '\0') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (mkdir(part, mode) != 0 && errno != EEXIST) return false;
  }
  struct stat status;
  if (stat(path, &status) != 0) return false;
  errno = ENOTDIR;
  return S_ISDIR(status.st_mode);
}
