#include "ids.h"

#include "wire.h"

bool id_is_good(const char *id) {
  static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  size_t length = strlen(id);
  return length > 0 && length < ID_SIZE && id[0] != '.' && strspn(id, good) == length;
}

bool id_field(struct span fields, uint16_t tag, char id[ID_SIZE], struct failure *failure) {
  if (field_string(fields, tag, id, ID_SIZE) == FOUND && id_is_good(id)) return true;
  return refuse(failure, ERROR_INVALID, "field %u: expected an id of 1 to 64 characters [a-zA-Z0-9_.-]", tag);
}
