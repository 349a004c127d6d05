/* Names in folders: made, moved, removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fids.h"
#include "operations.h"

enum { LINK_SIZE = 4096, REMOVE_FOLDER = 0x200 };

/* Gives a new entry to its owner and tells what it is. */
static int give(const struct fid *folder, const char *name, gid_t group, struct writer *writer) {
  struct stat status;
  if (fchownat(folder->path, name, folder->user, group, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  if (fstatat(folder->path, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  write_qid(writer, &status);
  return 0;
}

int do_symlink(struct reader *reader, struct writer *writer) {
  char name[NAME_SIZE];
  char target[LINK_SIZE];
  const struct fid *folder = fid_find(read_u32(reader));
  read_name(reader, name);
  read_string(reader, target, sizeof target);
  gid_t group = read_u32(reader);
  if (reader->bad) return EINVAL;
  if (folder == NULL) return EBADF;
  if (symlinkat(target, folder->path, name) != 0) return errno;
  return give(folder, name, group, writer);
}

/* Pipes and sockets; for devices this program has no right. */
int do_mknod(struct reader *reader, struct writer *writer) {
  char name[NAME_SIZE];
  const struct fid *folder = fid_find(read_u32(reader));
  read_name(reader, name);
  mode_t mode = read_u32(reader);
  uint32_t major = read_u32(reader);
  uint32_t minor = read_u32(reader);
  gid_t group = read_u32(reader);
  if (reader->bad) return EINVAL;
  if (folder == NULL) return EBADF;
  if (S_ISCHR(mode) || S_ISBLK(mode) || major != 0 || minor != 0) return EPERM;
  if (mknodat(folder->path, name, mode, 0) != 0) return errno;
  return give(folder, name, group, writer);
}

int do_mkdir(struct reader *reader, struct writer *writer) {
  char name[NAME_SIZE];
  const struct fid *folder = fid_find(read_u32(reader));
  read_name(reader, name);
  mode_t mode = read_u32(reader);
  gid_t group = read_u32(reader);
  if (reader->bad) return EINVAL;
  if (folder == NULL) return EBADF;
  if (mkdirat(folder->path, name, mode & 07777) != 0) return errno;
  return give(folder, name, group, writer);
}

int do_link(struct reader *reader, struct writer *writer) {
  (void)writer;
  char name[NAME_SIZE];
  char path[DESCRIPTOR_PATH_SIZE];
  const struct fid *folder = fid_find(read_u32(reader));
  const struct fid *file = fid_find(read_u32(reader));
  read_name(reader, name);
  if (reader->bad) return EINVAL;
  if (folder == NULL || file == NULL) return EBADF;
  const char *from = descriptor_path(path, file->path);
  return linkat(AT_FDCWD, from, folder->path, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

int do_rename(struct reader *reader, struct writer *writer) {
  (void)writer;
  char from[NAME_SIZE];
  char to[NAME_SIZE];
  const struct fid *from_folder = fid_find(read_u32(reader));
  read_name(reader, from);
  const struct fid *to_folder = fid_find(read_u32(reader));
  read_name(reader, to);
  if (reader->bad) return EINVAL;
  if (from_folder == NULL || to_folder == NULL) return EBADF;
  return renameat(from_folder->path, from, to_folder->path, to) == 0 ? 0 : errno;
}

int do_unlink(struct reader *reader, struct writer *writer) {
  (void)writer;
  char name[NAME_SIZE];
  const struct fid *folder = fid_find(read_u32(reader));
  read_name(reader, name);
  uint32_t flags = read_u32(reader);
  if (reader->bad) return EINVAL;
  if (folder == NULL) return EBADF;
  return unlinkat(folder->path, name, (flags & REMOVE_FOLDER) != 0 ? AT_REMOVEDIR : 0) == 0 ? 0 : errno;
}

int do_readlink(struct reader *reader, struct writer *writer) {
  char target[LINK_SIZE];
  const struct fid *fid = fid_find(read_u32(reader));
  if (fid == NULL) return EBADF;
  ssize_t length = readlinkat(fid->path, "", target, sizeof target - 1);
  if (length < 0) return errno;
  target[length] = '\0';
  write_string(writer, target);
  return 0;
}
