#include "serve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fids.h"
#include "operations.h"

static const char protocol[] = "9P2000.L";

static uint8_t request[MESSAGE_MAX];
/* Room beyond a whole message: heads are written before their length is known to fit. */
static uint8_t answer[MESSAGE_MAX + MESSAGE_MIN];
static uint32_t message_max = MESSAGE_MIN;

static bool read_whole(int socket, uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t got = read(socket, bytes, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    length -= (size_t)got;
  }
  return true;
}

static bool write_whole(int socket, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t put = write(socket, bytes, length);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes += put;
    length -= (size_t)put;
  }
  return true;
}

/* A new conversation: all fids of the one before are void. */
static int do_version(struct reader *reader, struct writer *writer) {
  char version[NAME_SIZE];
  uint32_t size = read_u32(reader);
  read_string(reader, version, sizeof version);
  if (reader->bad || size < MESSAGE_MIN) return EINVAL;
  fid_remove_all();
  message_max = size < MESSAGE_MAX ? size : MESSAGE_MAX;
  write_u32(writer, message_max);
  write_string(writer, strcmp(version, protocol) == 0 ? protocol : "unknown");
  return 0;
}

static int answer_request(uint8_t type, struct reader *reader, struct writer *writer) {
  switch (type) {
    case REQUEST_VERSION: return do_version(reader, writer);
    case REQUEST_ATTACH: return do_attach(reader, writer);
    case REQUEST_WALK: return do_walk(reader, writer);
    case REQUEST_CLUNK: return do_clunk(reader, writer);
    case REQUEST_GETATTR: return do_getattr(reader, writer);
    case REQUEST_SETATTR: return do_setattr(reader, writer);
    case REQUEST_STATFS: return do_statfs(reader, writer);
    case REQUEST_OPEN: return do_open(reader, writer, message_max);
    case REQUEST_CREATE: return do_create(reader, writer, message_max);
    case REQUEST_READ: return do_read(reader, writer, message_max);
    case REQUEST_WRITE: return do_write(reader, writer);
    case REQUEST_READDIR: return do_readdir(reader, writer, message_max);
    case REQUEST_FSYNC: return do_fsync(reader, writer);
    case REQUEST_LOCK: return do_lock(reader, writer);
    case REQUEST_GETLOCK: return do_getlock(reader, writer);
    case REQUEST_SYMLINK: return do_symlink(reader, writer);
    case REQUEST_MKNOD: return do_mknod(reader, writer);
    case REQUEST_MKDIR: return do_mkdir(reader, writer);
    case REQUEST_LINK: return do_link(reader, writer);
    case REQUEST_RENAME: return do_rename(reader, writer);
    case REQUEST_UNLINK: return do_unlink(reader, writer);
    case REQUEST_READLINK: return do_readlink(reader, writer);
    /* Requests are answered in their order: what is to be flushed was answered before. */
    case REQUEST_FLUSH: return 0;
    /* Among them attributes beyond the owner's and the mode: the client does without. */
    default: return EOPNOTSUPP;
  }
}

static size_t make_answer(const uint8_t *bytes, uint32_t size) {
  struct reader reader = {bytes + 4, bytes + size, false};
  uint8_t type = read_u8(&reader);
  uint16_t tag = read_u16(&reader);
  struct writer writer = {answer + MESSAGE_HEAD};
  int error = answer_request(type, &reader, &writer);
  if (error != 0) {
    writer.at = answer + MESSAGE_HEAD;
    write_u32(&writer, (uint32_t)error);
  }
  size_t length = (size_t)(writer.at - answer);
  struct writer head = {answer};
  write_u32(&head, (uint32_t)length);
  write_u8(&head, (uint8_t)(error != 0 ? REPLY_ERROR : type + 1));
  write_u16(&head, tag);
  return length;
}

int serve(int socket) {
  while (read_whole(socket, request, 4)) {
    struct reader reader = {request, request + 4, false};
    uint32_t size = read_u32(&reader);
    if (size < MESSAGE_HEAD || size > message_max) {
      fprintf(stderr, "file-server: a message of %u bytes, expected %u to %u\n", size, MESSAGE_HEAD, message_max);
      return 1;
    }
    if (!read_whole(socket, request + 4, size - 4)) return 0;
    size_t length = make_answer(request, size);
    if (!write_whole(socket, answer, length)) return 0;
  }
  return 0;
}
