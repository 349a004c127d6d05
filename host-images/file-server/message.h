/* A message of 9P2000.L: size[4] type[1] tag[2] and what its type has; all numbers are little-endian. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum {
  MESSAGE_MAX = 256 * 1024,
  MESSAGE_MIN = 4096,
  MESSAGE_HEAD = 7,
  /* Before the bytes that a read answers with. */
  READ_HEAD = MESSAGE_HEAD + 4,
  NAME_SIZE = 256,
};

/* The types of requests that are answered; an answer has the next number. */
enum {
  REPLY_ERROR = 7,
  REQUEST_STATFS = 8,
  REQUEST_OPEN = 12,
  REQUEST_CREATE = 14,
  REQUEST_SYMLINK = 16,
  REQUEST_MKNOD = 18,
  REQUEST_READLINK = 22,
  REQUEST_GETATTR = 24,
  REQUEST_SETATTR = 26,
  REQUEST_READDIR = 40,
  REQUEST_FSYNC = 50,
  REQUEST_LOCK = 52,
  REQUEST_GETLOCK = 54,
  REQUEST_LINK = 70,
  REQUEST_MKDIR = 72,
  REQUEST_RENAME = 74,
  REQUEST_UNLINK = 76,
  REQUEST_VERSION = 100,
  REQUEST_ATTACH = 104,
  REQUEST_FLUSH = 108,
  REQUEST_WALK = 110,
  REQUEST_READ = 116,
  REQUEST_WRITE = 118,
  REQUEST_CLUNK = 120,
};

/* Reads a request. What goes beyond its end, or is no name, makes `bad` true and gives zeros. */
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

uint8_t read_u8(struct reader *reader);
uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);

/* So many bytes of the request as they are, or NULL. */
const uint8_t *read_bytes(struct reader *reader, uint32_t length);

/* A string of at most `size` - 1 bytes without a NUL. */
void read_string(struct reader *reader, char *text, size_t size);

/* A string that is one name in a folder: not empty, `.` or `..`, and without a slash. */
void read_name(struct reader *reader, char *name);

/* Where the next byte of an answer goes. Callers keep within its buffer. */
struct writer {
  uint8_t *at;
};

void write_u8(struct writer *writer, uint8_t value);
void write_u16(struct writer *writer, uint16_t value);
void write_u32(struct writer *writer, uint32_t value);
void write_u64(struct writer *writer, uint64_t value);
void write_string(struct writer *writer, const char *text);

/* What tells a file from all others: its kind, its version and its number. */
enum { QID_SIZE = 13 };
void write_qid(struct writer *writer, const struct stat *status);
