/* Fids and what is known of their files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "fids.h"
#include "operations.h"

enum {
  WALK_MAX = 16,
  TEXT_SIZE = 4096,
  /* Of getattr: all that stat tells. */
  ATTRIBUTES_BASIC = 0x7ff,
};

/* Of setattr: which attributes it sets. */
enum {
  SET_MODE = 1,
  SET_USER = 2,
  SET_GROUP = 4,
  SET_SIZE = 8,
  SET_ATIME = 16,
  SET_MTIME = 32,
  SET_ATIME_GIVEN = 128,
  SET_MTIME_GIVEN = 256,
};

const char *descriptor_path(char *buffer, int descriptor) {
  snprintf(buffer, DESCRIPTOR_PATH_SIZE, "/fd/%d", descriptor);
  return buffer;
}

int do_attach(struct reader *reader, struct writer *writer) {
  char text[TEXT_SIZE];
  struct stat status;
  uint32_t number = read_u32(reader);
  read_u32(reader); /* of an authentication that there is none of */
  read_string(reader, text, sizeof text);
  read_string(reader, text, sizeof text);
  uint32_t user = read_u32(reader);
  if (reader->bad) return EINVAL;
  int path = open(export_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (path < 0) return errno;
  struct fid *fid = fid_add(number, path, user);
  if (fid == NULL) return EMFILE;
  if (fstat(fid->path, &status) != 0) return errno;
  write_qid(writer, &status);
  return 0;
}

/* Goes on from `from` by `count` names; gives the last one's descriptor and writes what the walk has met. */
static int walk(struct reader *reader, struct writer *writer, int from, uint16_t count, int *last, uint16_t *done) {
  for (*done = 0; *done < count; (*done)++) {
    char name[NAME_SIZE];
    struct stat status;
    read_name(reader, name);
    if (reader->bad) return EINVAL;
    int next = openat(*last < 0 ? from : *last, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (next < 0) return errno;
    if (*last >= 0) close(*last);
    *last = next;
    if (fstat(next, &status) != 0) return errno;
    write_qid(writer, &status);
  }
  return 0;
}

int do_walk(struct reader *reader, struct writer *writer) {
  const struct fid *fid = fid_find(read_u32(reader));
  uint32_t number = read_u32(reader);
  uint16_t count = read_u16(reader);
  if (reader->bad || count > WALK_MAX) return EINVAL;
  if (fid == NULL) return EBADF;
  uint8_t *count_at = writer->at;
  uint16_t done = 0;
  int last = -1;
  write_u16(writer, 0);
  int error = walk(reader, writer, fid->path, count, &last, &done);
  if (error != 0) {
    if (last >= 0) close(last);
    if (done == 0 || error == EINVAL) return error;
    /* A walk that stops on its way tells how far it came; the new fid is not made. */
    write_u16(&(struct writer){count_at}, done);
    return 0;
  }
  if (count == 0) last = fcntl(fid->path, F_DUPFD_CLOEXEC, 0);
  if (last < 0) return errno;
  if (number == fid->number) {
    uint32_t user = fid->user;
    fid_remove(fid_find(number));
    if (fid_add(number, last, user) == NULL) return EMFILE;
  } else if (fid_add(number, last, fid->user) == NULL) {
    return EMFILE;
  }
  write_u16(&(struct writer){count_at}, count);
  return 0;
}

int do_clunk(struct reader *reader, struct writer *writer) {
  (void)writer;
  struct fid *fid = fid_find(read_u32(reader));
  if (fid == NULL) return EBADF;
  fid_remove(fid);
  return 0;
}

static void write_time(struct writer *writer, const struct timespec *time) {
  write_u64(writer, (uint64_t)time->tv_sec);
  write_u64(writer, (uint64_t)time->tv_nsec);
}

int do_getattr(struct reader *reader, struct writer *writer) {
  static const struct timespec unknown;
  const struct fid *fid = fid_find(read_u32(reader));
  struct stat status;
  if (fid == NULL) return EBADF;
  if (fstat(fid->path, &status) != 0) return errno;
  write_u64(writer, ATTRIBUTES_BASIC);
  write_qid(writer, &status);
  write_u32(writer, status.st_mode);
  write_u32(writer, status.st_uid);
  write_u32(writer, status.st_gid);
  write_u64(writer, status.st_nlink);
  write_u64(writer, status.st_rdev);
  write_u64(writer, (uint64_t)status.st_size);
  write_u64(writer, (uint64_t)status.st_blksize);
  write_u64(writer, (uint64_t)status.st_blocks);
  write_time(writer, &status.st_atim);
  write_time(writer, &status.st_mtim);
  write_time(writer, &status.st_ctim);
  write_time(writer, &unknown);
  write_u64(writer, 0);
  write_u64(writer, 0);
  return 0;
}

static struct timespec time_to_set(struct reader *reader, uint32_t valid, uint32_t set, uint32_t given) {
  struct timespec time = {.tv_sec = (time_t)read_u64(reader), .tv_nsec = (long)read_u64(reader)};
  if ((valid & set) == 0) time.tv_nsec = UTIME_OMIT;
  if ((valid & set) != 0 && (valid & given) == 0) time.tv_nsec = UTIME_NOW;
  return time;
}

/* The file's own descriptor where it is open for writing, else by its name: rights were checked when it was opened. */
static int set_size(const struct fid *fid, uint64_t size) {
  char path[DESCRIPTOR_PATH_SIZE];
  struct stat status;
  if (fid->opened >= 0 && !fid->is_folder && ftruncate(fid->opened, (off_t)size) == 0) return 0;
  if (fstat(fid->path, &status) != 0) return errno;
  if (!S_ISREG(status.st_mode)) return EINVAL;
  return truncate(descriptor_path(path, fid->path), (off_t)size) == 0 ? 0 : errno;
}

int do_setattr(struct reader *reader, struct writer *writer) {
  (void)writer;
  char path[DESCRIPTOR_PATH_SIZE];
  const struct fid *fid = fid_find(read_u32(reader));
  uint32_t valid = read_u32(reader);
  uint32_t mode = read_u32(reader);
  uint32_t user = read_u32(reader);
  uint32_t group = read_u32(reader);
  uint64_t size = read_u64(reader);
  struct timespec times[2];
  times[0] = time_to_set(reader, valid, SET_ATIME, SET_ATIME_GIVEN);
  times[1] = time_to_set(reader, valid, SET_MTIME, SET_MTIME_GIVEN);
  if (reader->bad) return EINVAL;
  if (fid == NULL) return EBADF;
  if ((valid & SET_SIZE) != 0) {
    int error = set_size(fid, size);
    if (error != 0) return error;
  }
  if ((valid & (SET_USER | SET_GROUP)) != 0) {
    uid_t owner = (valid & SET_USER) != 0 ? user : (uid_t)-1;
    gid_t owning_group = (valid & SET_GROUP) != 0 ? group : (gid_t)-1;
    if (fchownat(fid->path, "", owner, owning_group, AT_EMPTY_PATH) != 0) return errno;
  }
  /* After the owner, whose change takes set-user-id away. */
  if ((valid & SET_MODE) != 0 && chmod(descriptor_path(path, fid->path), mode & 07777) != 0) return errno;
  if ((valid & (SET_ATIME | SET_MTIME)) != 0 && utimensat(fid->path, "", times, AT_EMPTY_PATH) != 0) return errno;
  return 0;
}

int do_statfs(struct reader *reader, struct writer *writer) {
  const struct fid *fid = fid_find(read_u32(reader));
  struct statfs status;
  if (fid == NULL) return EBADF;
  if (fstatfs(fid->path, &status) != 0) return errno;
  write_u32(writer, (uint32_t)status.f_type);
  write_u32(writer, (uint32_t)status.f_bsize);
  write_u64(writer, status.f_blocks);
  write_u64(writer, status.f_bfree);
  write_u64(writer, status.f_bavail);
  write_u64(writer, status.f_files);
  write_u64(writer, status.f_ffree);
  write_u64(writer, 0);
  write_u32(writer, (uint32_t)status.f_namelen);
  return 0;
}
