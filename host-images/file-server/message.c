#include "message.h"

#include <string.h>

enum { QID_FOLDER = 0x80, QID_LINK = 0x02, DEVICES_MAX = 256 };

const uint8_t *read_bytes(struct reader *reader, uint32_t length) {
  if (reader->bad || length > (size_t)(reader->end - reader->at)) {
    reader->bad = true;
    return NULL;
  }
  const uint8_t *bytes = reader->at;
  reader->at += length;
  return bytes;
}

static uint64_t read_number(struct reader *reader, uint32_t size) {
  const uint8_t *bytes = read_bytes(reader, size);
  uint64_t value = 0;
  for (uint32_t i = size; bytes != NULL && i > 0; i--) value = value << 8 | bytes[i - 1];
  return value;
}

uint8_t read_u8(struct reader *reader) { return (uint8_t)read_number(reader, 1); }
uint16_t read_u16(struct reader *reader) { return (uint16_t)read_number(reader, 2); }
uint32_t read_u32(struct reader *reader) { return (uint32_t)read_number(reader, 4); }
uint64_t read_u64(struct reader *reader) { return read_number(reader, 8); }

void read_string(struct reader *reader, char *text, size_t size) {
  uint16_t length = read_u16(reader);
  const uint8_t *bytes = read_bytes(reader, length);
  text[0] = '\0';
  if (bytes == NULL) return;
  if (length >= size || memchr(bytes, '\0', length) != NULL) {
    reader->bad = true;
    return;
  }
  memcpy(text, bytes, length);
  text[length] = '\0';
}

void read_name(struct reader *reader, char *name) {
  read_string(reader, name, NAME_SIZE);
  if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
    reader->bad = true;
  }
}

static void write_number(struct writer *writer, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) *writer->at++ = (uint8_t)(value >> (8 * i));
}

void write_u8(struct writer *writer, uint8_t value) { write_number(writer, value, 1); }
void write_u16(struct writer *writer, uint16_t value) { write_number(writer, value, 2); }
void write_u32(struct writer *writer, uint32_t value) { write_number(writer, value, 4); }
void write_u64(struct writer *writer, uint64_t value) { write_number(writer, value, 8); }

void write_string(struct writer *writer, const char *text) {
  size_t length = strlen(text);
  write_u16(writer, (uint16_t)length);
  memcpy(writer->at, text, length);
  writer->at += length;
}

/* File systems number their files each for itself: the number of a file system goes into the upper bits. */
static uint64_t device_number(dev_t device) {
  static dev_t devices[DEVICES_MAX];
  static uint64_t count;
  for (uint64_t i = 0; i < count; i++) {
    if (devices[i] == device) return i;
  }
  if (count < DEVICES_MAX) devices[count++] = device;
  return count - 1;
}

void write_qid(struct writer *writer, const struct stat *status) {
  uint8_t kind = S_ISDIR(status->st_mode) ? QID_FOLDER : S_ISLNK(status->st_mode) ? QID_LINK : 0;
  write_u8(writer, kind);
  write_u32(writer, (uint32_t)(status->st_mtim.tv_sec ^ status->st_mtim.tv_nsec));
  write_u64(writer, (uint64_t)status->st_ino ^ device_number(status->st_dev) << 56);
}
