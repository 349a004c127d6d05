/* What files and folders hold, and locks on it. */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fids.h"
#include "operations.h"

enum {
  /* Flags of an open are Linux's; what else a client may ask for is its own affair. */
  OPEN_FLAGS = O_ACCMODE | O_TRUNC | O_APPEND | O_DSYNC | O_SYNC | O_DIRECTORY,
  IO_HEAD = 24, /* the protocol's room for the head of a read or write */
  ENTRIES_SIZE = 32 * 1024,
  ENTRY_HEAD = QID_SIZE + 8 + 1 + 2,
  DOTL_CREATE = 0100,
  DOTL_EXCLUSIVE = 0200,
};

enum { LOCK_SUCCESS, LOCK_BLOCKED, LOCK_ERROR };
enum { LOCK_READ, LOCK_WRITE, LOCK_NONE };

/* Only files and folders are opened here: pipes, sockets and devices are the client's own. */
static int keep_opened(struct fid *fid, int opened, struct writer *writer, uint32_t message_max) {
  struct stat status;
  if (opened < 0) return errno;
  if (fstat(opened, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
    close(opened);
    return EINVAL;
  }
  if (fid->opened >= 0) close(fid->opened);
  fid->opened = opened;
  fid->is_folder = S_ISDIR(status.st_mode);
  write_qid(writer, &status);
  write_u32(writer, message_max - IO_HEAD);
  return 0;
}

int do_open(struct reader *reader, struct writer *writer, uint32_t message_max) {
  char path[DESCRIPTOR_PATH_SIZE];
  struct stat status;
  struct fid *fid = fid_find(read_u32(reader));
  int flags = (int)read_u32(reader);
  if (reader->bad) return EINVAL;
  if (fid == NULL) return EBADF;
  if (fstat(fid->path, &status) != 0) return errno;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return EINVAL;
  int opened = open(descriptor_path(path, fid->path), (flags & OPEN_FLAGS) | O_NONBLOCK | O_CLOEXEC);
  return keep_opened(fid, opened, writer, message_max);
}

/* A file that was there keeps its owner; a new one gets the client's. */
static int create_or_open(int folder, const char *name, int flags, mode_t mode, uid_t user, gid_t group) {
  int opening = (flags & OPEN_FLAGS) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  int opened = openat(folder, name, opening | O_CREAT | O_EXCL, mode & 07777);
  if (opened < 0) return errno == EEXIST && (flags & DOTL_EXCLUSIVE) == 0 ? openat(folder, name, opening) : -1;
  if (fchown(opened, user, group) == 0 && fchmod(opened, mode & 07777) == 0) return opened;
  int error = errno;
  close(opened);
  errno = error;
  return -1;
}

int do_create(struct reader *reader, struct writer *writer, uint32_t message_max) {
  char name[NAME_SIZE];
  char path[DESCRIPTOR_PATH_SIZE];
  struct fid *fid = fid_find(read_u32(reader));
  read_name(reader, name);
  int flags = (int)read_u32(reader);
  mode_t mode = read_u32(reader);
  gid_t group = read_u32(reader);
  if (reader->bad) return EINVAL;
  if (fid == NULL) return EBADF;
  int opened = create_or_open(fid->path, name, flags, mode, fid->user, group);
  int error = keep_opened(fid, opened, writer, message_max);
  if (error != 0) return error;
  /* From now on the fid is the file. */
  int named = open(descriptor_path(path, fid->opened), O_PATH | O_CLOEXEC);
  if (named < 0) return errno;
  close(fid->path);
  fid->path = named;
  return 0;
}

int do_read(struct reader *reader, struct writer *writer, uint32_t message_max) {
  const struct fid *fid = fid_find(read_u32(reader));
  uint64_t offset = read_u64(reader);
  uint32_t length = read_u32(reader);
  if (reader->bad) return EINVAL;
  if (fid == NULL || fid->opened < 0) return EBADF;
  if (length > message_max - READ_HEAD) length = message_max - READ_HEAD;
  uint8_t *length_at = writer->at;
  ssize_t got = pread(fid->opened, length_at + 4, length, (off_t)offset);
  if (got < 0) return errno;
  write_u32(writer, (uint32_t)got);
  writer->at += got;
  return 0;
}

int do_write(struct reader *reader, struct writer *writer) {
  const struct fid *fid = fid_find(read_u32(reader));
  uint64_t offset = read_u64(reader);
  uint32_t length = read_u32(reader);
  const uint8_t *bytes = read_bytes(reader, length);
  if (bytes == NULL) return EINVAL;
  if (fid == NULL || fid->opened < 0) return EBADF;
  ssize_t written = pwrite(fid->opened, bytes, length, (off_t)offset);
  if (written < 0) return errno;
  write_u32(writer, (uint32_t)written);
  return 0;
}

/* As getdents64 writes them (linux/dirent.h). */
struct entry {
  uint64_t number;
  int64_t next;
  uint16_t length;
  uint8_t kind;
  char name[];
};

/* What stat would tell of an entry, as far as the folder knows it. */
static struct stat entry_status(const struct entry *entry, dev_t device) {
  mode_t mode = entry->kind == DT_DIR ? S_IFDIR : entry->kind == DT_LNK ? S_IFLNK : S_IFREG;
  return (struct stat){.st_ino = entry->number, .st_dev = device, .st_mode = mode};
}

int do_readdir(struct reader *reader, struct writer *writer, uint32_t message_max) {
  static _Alignas(struct entry) char entries[ENTRIES_SIZE];
  const struct fid *fid = fid_find(read_u32(reader));
  uint64_t offset = read_u64(reader);
  uint32_t length = read_u32(reader);
  struct stat folder;
  if (reader->bad) return EINVAL;
  if (fid == NULL || fid->opened < 0 || !fid->is_folder) return EBADF;
  if (length > message_max - READ_HEAD) length = message_max - READ_HEAD;
  if (lseek(fid->opened, (off_t)offset, SEEK_SET) < 0 || fstat(fid->opened, &folder) != 0) return errno;
  uint8_t *length_at = writer->at;
  uint8_t *end = length_at + 4 + length;
  write_u32(writer, 0);
  for (;;) {
    long got = syscall(SYS_getdents64, fid->opened, entries, sizeof entries);
    if (got < 0) return errno;
    for (long at = 0; at < got;) {
      const struct entry *entry = (const struct entry *)(const void *)(entries + at);
      if ((size_t)(end - writer->at) < ENTRY_HEAD + strlen(entry->name)) got = 0;
      if (got == 0) break;
      struct stat status = entry_status(entry, folder.st_dev);
      write_qid(writer, &status);
      write_u64(writer, (uint64_t)entry->next);
      write_u8(writer, entry->kind);
      write_string(writer, entry->name);
      at += entry->length;
    }
    if (got == 0) break;
  }
  write_u32(&(struct writer){length_at}, (uint32_t)(writer->at - length_at - 4));
  return 0;
}

int do_fsync(struct reader *reader, struct writer *writer) {
  (void)writer;
  const struct fid *fid = fid_find(read_u32(reader));
  uint32_t data_only = read_u32(reader);
  if (fid == NULL || fid->opened < 0) return EBADF;
  return (data_only != 0 ? fdatasync(fid->opened) : fsync(fid->opened)) == 0 ? 0 : errno;
}

static short lock_kind(uint8_t kind) { return kind == LOCK_READ ? F_RDLCK : kind == LOCK_WRITE ? F_WRLCK : F_UNLCK; }

/* Locks of the host, one holder for each open file: two machines, or a machine and the host, keep each other out. */
int do_lock(struct reader *reader, struct writer *writer) {
  const struct fid *fid = fid_find(read_u32(reader));
  struct flock lock = {.l_type = lock_kind(read_u8(reader)), .l_whence = SEEK_SET};
  read_u32(reader); /* whether to wait: the client asks again */
  lock.l_start = (off_t)read_u64(reader);
  lock.l_len = (off_t)read_u64(reader);
  if (reader->bad) return EINVAL;
  if (fid == NULL || fid->opened < 0) return EBADF;
  bool done = fcntl(fid->opened, F_OFD_SETLK, &lock) == 0;
  bool blocked = !done && (errno == EAGAIN || errno == EACCES);
  write_u8(writer, done ? LOCK_SUCCESS : blocked ? LOCK_BLOCKED : LOCK_ERROR);
  return 0;
}

int do_getlock(struct reader *reader, struct writer *writer) {
  char client[NAME_SIZE];
  const struct fid *fid = fid_find(read_u32(reader));
  struct flock lock = {.l_type = lock_kind(read_u8(reader)), .l_whence = SEEK_SET};
  lock.l_start = (off_t)read_u64(reader);
  lock.l_len = (off_t)read_u64(reader);
  uint32_t process = read_u32(reader);
  read_string(reader, client, sizeof client);
  if (reader->bad) return EINVAL;
  if (fid == NULL || fid->opened < 0) return EBADF;
  if (fcntl(fid->opened, F_OFD_GETLK, &lock) != 0) return errno;
  write_u8(writer, lock.l_type == F_RDLCK ? LOCK_READ : lock.l_type == F_WRLCK ? LOCK_WRITE : LOCK_NONE);
  write_u64(writer, (uint64_t)lock.l_start);
  write_u64(writer, (uint64_t)lock.l_len);
  write_u32(writer, process);
  write_string(writer, client);
  return 0;
}
