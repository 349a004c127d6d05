#include "users.h"

#include <stdio.h>

enum { ID_MAX = 2147483647, NAME_SIZE = 256 };

/* Takes the text up to the next separator (or the end) off `rest`. */
static struct span take(struct span *rest, char separator) {
  const uint8_t *found = rest->length == 0 ? NULL : memchr(rest->bytes, separator, rest->length);
  size_t length = found == NULL ? rest->length : (size_t)(found - rest->bytes);
  struct span taken = {rest->bytes, length};
  size_t gone = found == NULL ? length : length + 1;
  rest->bytes += gone;
  rest->length -= gone;
  return taken;
}

static bool same(struct span left, struct span right) {
  return left.length == right.length && (left.length == 0 || memcmp(left.bytes, right.bytes, left.length) == 0);
}

static bool number_of(struct span text, uint32_t *value) {
  uint64_t sum = 0;
  if (text.length == 0 || text.length > 10) return false;
  for (size_t i = 0; i < text.length; i++) {
    if (text.bytes[i] < '0' || text.bytes[i] > '9') return false;
    sum = sum * 10 + (uint64_t)(text.bytes[i] - '0');
  }
  if (sum > ID_MAX) return false;
  *value = (uint32_t)sum;
  return true;
}

struct entry {
  struct span name;
  uint32_t id;
  struct span rest; /* what follows the id */
};

/* Takes the next well-formed `name:password:id:…` line off a file. */
static bool entry_next(struct span *file, struct entry *entry) {
  while (file->length > 0) {
    struct span line = take(file, '\n');
    entry->name = take(&line, ':');
    take(&line, ':');
    if (entry->name.length == 0 || !number_of(take(&line, ':'), &entry->id)) continue;
    entry->rest = line;
    return true;
  }
  return false;
}

/* Finds the first entry with this name or number. */
static bool entry_find(struct span file, struct span wanted, struct entry *entry) {
  uint32_t number;
  bool numeric = number_of(wanted, &number);
  while (entry_next(&file, entry)) {
    if (same(entry->name, wanted) || (numeric && entry->id == number)) return true;
  }
  return false;
}

void identity_add_group(struct identity *identity, uint32_t gid) {
  for (size_t i = 0; i < identity->group_count; i++) {
    if (identity->groups[i] == gid) return;
  }
  if (identity->group_count < SUPPLEMENTAL_MAX) identity->groups[identity->group_count++] = gid;
}

void identity_finish(struct identity *identity, bool strict) {
  uint32_t of_files[SUPPLEMENTAL_MAX];
  size_t count = strict ? 0 : identity->group_count;
  for (size_t i = 0; i < count; i++) of_files[i] = identity->groups[i];
  identity->group_count = 0;
  identity_add_group(identity, identity->gid);
  for (size_t i = 0; i < count; i++) identity_add_group(identity, of_files[i]);
}

static void add_groups_of(struct identity *identity, struct span name, struct span group_file) {
  struct entry entry;
  while (entry_next(&group_file, &entry)) {
    while (entry.rest.length > 0) {
      if (!same(take(&entry.rest, ','), name)) continue;
      identity_add_group(identity, entry.id);
      break;
    }
  }
}

static bool not_found(struct span name, const char *what, char *error, size_t error_size) {
  int length = name.length < 100 ? (int)name.length : 100;
  snprintf(error, error_size, "unable to find %s %.*s: no matching entries in %s file", what, length,
           (const char *)name.bytes, what[0] == 'u' ? "passwd" : "group");
  return false;
}

static void take_home(struct identity *identity, struct span rest) {
  take(&rest, ':'); /* the name in full */
  struct span home = take(&rest, ':');
  if (home.length == 0 || home.length >= sizeof identity->home || home.bytes[0] != '/') return;
  memcpy(identity->home, home.bytes, home.length);
  identity->home[home.length] = '\0';
}

bool identity_resolve(const char *user, struct span passwd, struct span group, struct identity *identity, char *error,
                      size_t error_size) {
  *identity = (struct identity){.home = "/"};
  struct span rest = {(const uint8_t *)user, strlen(user)};
  struct span user_name = take(&rest, ':');
  struct span group_name = rest;
  struct span wanted = user_name.length > 0 ? user_name : (struct span){(const uint8_t *)"0", 1};
  struct entry entry;
  if (entry_find(passwd, wanted, &entry)) {
    identity->uid = entry.id;
    if (!number_of(take(&entry.rest, ':'), &identity->gid)) identity->gid = 0;
    take_home(identity, entry.rest);
    if (group_name.length == 0) add_groups_of(identity, entry.name, group);
  } else if (!number_of(wanted, &identity->uid)) {
    return not_found(wanted, "user", error, error_size);
  }
  if (group_name.length == 0) return true;
  if (entry_find(group, group_name, &entry)) {
    identity->gid = entry.id;
    return true;
  }
  return number_of(group_name, &identity->gid) || not_found(group_name, "group", error, error_size);
}
