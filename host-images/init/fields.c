#include "fields.h"

#include <stdlib.h>

enum { FIELD_HEADER = 6 };

bool field_next(struct span *rest, struct field *field) {
  if (rest->length < FIELD_HEADER) return false;
  size_t length = get_u32(rest->bytes + 2);
  if (length > rest->length - FIELD_HEADER) return false;
  *field = (struct field){get_u16(rest->bytes), {rest->bytes + FIELD_HEADER, length}};
  rest->bytes += FIELD_HEADER + length;
  rest->length -= FIELD_HEADER + length;
  return true;
}

bool fields_are_whole(struct span message) {
  struct field field;
  while (field_next(&message, &field)) {
  }
  return message.length == 0;
}

bool field_find(struct span message, uint16_t tag, struct span *value) {
  struct field field;
  while (field_next(&message, &field)) {
    if (field.tag != tag) continue;
    *value = field.value;
    return true;
  }
  return false;
}

enum found field_u32(struct span message, uint16_t tag, uint32_t *value) {
  struct span found;
  if (!field_find(message, tag, &found)) return ABSENT;
  if (found.length != 4) return MALFORMED;
  *value = get_u32(found.bytes);
  return FOUND;
}

enum found field_u64(struct span message, uint16_t tag, uint64_t *value) {
  struct span found;
  if (!field_find(message, tag, &found)) return ABSENT;
  if (found.length != 8) return MALFORMED;
  *value = get_u64(found.bytes);
  return FOUND;
}

bool span_has_nul(struct span text) { return text.length > 0 && memchr(text.bytes, 0, text.length) != NULL; }

bool span_equals(struct span left, const char *right) {
  return left.length == strlen(right) && memcmp(left.bytes, right, left.length) == 0;
}

enum found field_string(struct span message, uint16_t tag, char *value, size_t size) {
  struct span found;
  if (!field_find(message, tag, &found) || found.length == 0) return ABSENT;
  if (found.length >= size || span_has_nul(found)) return MALFORMED;
  memcpy(value, found.bytes, found.length);
  value[found.length] = '\0';
  return FOUND;
}

void field_text(struct span message, uint16_t tag, char *value, size_t size) {
  if (field_string(message, tag, value, size) != FOUND) value[0] = '\0';
}

/* For the one short message that is being written: a fresh clone's first heap would be a mapping that the kernel has to
   make, and takes back. */
static struct {
  bool is_taken;
  uint8_t bytes[1024];
} desk;

static uint8_t *enlarge(struct writer *writer, size_t wanted) {
  size_t capacity = writer->capacity == 0 ? 256 : writer->capacity;
  if (writer->bytes == NULL && !desk.is_taken && wanted <= sizeof desk.bytes) {
    desk.is_taken = true;
    writer->capacity = sizeof desk.bytes;
    return desk.bytes;
  }
  while (capacity < wanted) capacity *= 2;
  uint8_t *bytes = realloc(writer->bytes == desk.bytes ? NULL : writer->bytes, capacity);
  if (bytes == NULL) return NULL;
  if (writer->bytes == desk.bytes) {
    memcpy(bytes, desk.bytes, writer->length);
    desk.is_taken = false;
  }
  writer->capacity = capacity;
  return bytes;
}

static uint8_t *grow(struct writer *writer, size_t length) {
  size_t wanted = writer->length + length;
  if (writer->overflow || wanted > writer->limit) {
    writer->overflow = true;
    return NULL;
  }
  if (wanted > writer->capacity) {
    uint8_t *bytes = enlarge(writer, wanted);
    if (bytes == NULL) {
      writer->overflow = true;
      return NULL;
    }
    writer->bytes = bytes;
  }
  uint8_t *at = writer->bytes + writer->length;
  writer->length = wanted;
  return at;
}

void write_bytes(struct writer *writer, uint16_t tag, const void *bytes, size_t length) {
  uint8_t *at = grow(writer, FIELD_HEADER + length);
  if (at == NULL) return;
  put_u16(at, tag);
  put_u32(at + 2, (uint32_t)length);
  if (length > 0) memcpy(at + FIELD_HEADER, bytes, length);
}

void write_string(struct writer *writer, uint16_t tag, const char *text) {
  write_bytes(writer, tag, text, strlen(text));
}

void write_u32(struct writer *writer, uint16_t tag, uint32_t value) {
  uint8_t bytes[4];
  put_u32(bytes, value);
  write_bytes(writer, tag, bytes, sizeof bytes);
}

void write_u64(struct writer *writer, uint16_t tag, uint64_t value) {
  uint8_t bytes[8];
  put_u64(bytes, value);
  write_bytes(writer, tag, bytes, sizeof bytes);
}

size_t write_group_begin(struct writer *writer, uint16_t tag) {
  write_bytes(writer, tag, NULL, 0);
  return writer->length;
}

void write_group_end(struct writer *writer, size_t mark) {
  if (!writer->overflow) put_u32(writer->bytes + mark - 4, (uint32_t)(writer->length - mark));
}

void writer_free(struct writer *writer) {
  if (writer->bytes == desk.bytes) {
    desk.is_taken = false;
  } else {
    free(writer->bytes);
  }
  *writer = (struct writer){.limit = writer->limit};
}
