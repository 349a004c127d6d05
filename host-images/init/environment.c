#include "environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "wire.h"

enum { ALWAYS_THERE = 4 };

static size_t count(struct span fields, uint16_t tag) {
  size_t found = 0;
  struct field field;
  while (field_next(&fields, &field)) found += field.tag == tag;
  return found;
}

char **arguments_of(const struct child *child) {
  struct span fields = child->own.length > 0 ? child->own : container_definition(child->container);
  char **list = calloc(count(fields, TAG_ARG) + 1, sizeof *list);
  struct field field;
  for (size_t i = 0; list != NULL && field_next(&fields, &field);) {
    if (field.tag == TAG_ARG) list[i++] = strndup((const char *)field.value.bytes, field.value.length);
  }
  return list;
}

/* Puts `NAME=value` in, in place of one with the same name. */
static void put(char **list, const char *entry, size_t length) {
  const char *equals = memchr(entry, '=', length);
  size_t name = equals == NULL ? length : (size_t)(equals - entry);
  size_t i = 0;
  while (list[i] != NULL && (strncmp(list[i], entry, name) != 0 || list[i][name] != '=')) i++;
  list[i] = strndup(entry, length);
}

static void put_all(char **list, struct span fields) {
  struct field field;
  while (field_next(&fields, &field)) {
    bool assigns = field.tag == TAG_ENV && memchr(field.value.bytes, '=', field.value.length) != NULL;
    if (assigns) put(list, (const char *)field.value.bytes, field.value.length);
  }
}

const char *environment_value(char **environment, const char *name) {
  size_t length = strlen(name);
  for (char **entry = environment; *entry != NULL; entry++) {
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  }
  return NULL;
}

static void put_missing(char **list, const char *name, const char *value) {
  char entry[512];
  if (environment_value(list, name) != NULL) return;
  snprintf(entry, sizeof entry, "%s=%s", name, value);
  put(list, entry, strlen(entry));
}

char **environment_of(const struct child *child, const char *home) {
  struct span container = container_definition(child->container);
  struct utsname names;
  char **list = calloc(count(container, TAG_ENV) + count(child->own, TAG_ENV) + ALWAYS_THERE + 1, sizeof *list);
  if (list == NULL) return NULL;
  put_all(list, container);
  put_all(list, child->own);
  put_missing(list, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  put_missing(list, "HOME", home);
  if (uname(&names) == 0) put_missing(list, "HOSTNAME", names.nodename);
  if ((child->process->options & OPTION_TTY) != 0) put_missing(list, "TERM", "xterm");
  return list;
}

const char *describe_errno(int error) {
  switch (error) {
    case ENOENT: return "no such file or directory";
    case EACCES: return "permission denied";
    case EPERM: return "operation not permitted";
    case ENOTDIR: return "not a directory";
    case EISDIR: return "is a directory";
    case ENOEXEC: return "exec format error";
    case ELOOP: return "too many levels of symbolic links";
    case E2BIG: return "argument list too long";
    case ENOMEM: return "cannot allocate memory";
    case ETXTBSY: return "text file busy";
    case EIO: return "input/output error";
    default: return strerror(error);
  }
}
