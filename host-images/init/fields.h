/* Reads and writes the fields (tag, length, bytes) of control messages. No I/O. */
#pragma once

#include <stdbool.h>

#include "bytes.h"

struct field {
  uint16_t tag;
  struct span value;
};

/* Takes the first field off `rest`. False at the end, and when what is there is no whole field (`rest` is not empty
   then). */
bool field_next(struct span *rest, struct field *field);

/* Whether a message is whole fields from its first byte to its last. */
bool fields_are_whole(struct span message);

/* The value of the first field with this tag; false when there is none. */
bool field_find(struct span message, uint16_t tag, struct span *value);

enum found { FOUND, ABSENT, MALFORMED };

/* A malformed or absent field leaves `value` as it was. */
enum found field_u32(struct span message, uint16_t tag, uint32_t *value);
enum found field_u64(struct span message, uint16_t tag, uint64_t *value);

/* A string of 1 to `size - 1` bytes without NUL, copied and terminated. An empty one counts as absent. */
enum found field_string(struct span message, uint16_t tag, char *value, size_t size);
/* The same, where what is absent or does not fit is the empty text. */
void field_text(struct span message, uint16_t tag, char *value, size_t size);

bool span_has_nul(struct span text);
bool span_equals(struct span left, const char *right);

/* A message being written. It grows up to `limit` bytes; beyond, `overflow` is set and what was written stays. */
struct writer {
  uint8_t *bytes;
  size_t length;
  size_t capacity;
  size_t limit;
  bool overflow;
};

void write_bytes(struct writer *writer, uint16_t tag, const void *bytes, size_t length);
void write_string(struct writer *writer, uint16_t tag, const char *text);
void write_u32(struct writer *writer, uint16_t tag, uint32_t value);
void write_u64(struct writer *writer, uint16_t tag, uint64_t value);

/* Between begin and end all fields go into a group; `end` gets what `begin` returned. */
size_t write_group_begin(struct writer *writer, uint16_t tag);
void write_group_end(struct writer *writer, size_t mark);

void writer_free(struct writer *writer);
