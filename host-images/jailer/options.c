#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

enum { FIRST_DESCRIPTOR = 3 };

static _Noreturn void wrong(const char *option, const char *value) {
  fprintf(stderr, "jailer: wrong option %s %s\n", option, value == NULL ? "without a value" : value);
  exit(2);
}

static unsigned long long number(const char *option, const char *text, unsigned long long max) {
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || *text == '-' || value > max) wrong(option, text);
  return value;
}

/* Descriptors stand in their order: the first becomes 3. */
static void add_descriptor(struct options *options, enum descriptor_kind kind, const char *option, const char *name) {
  if (options->descriptor_count == DESCRIPTORS_MAX) wrong(option, name);
  int place = FIRST_DESCRIPTOR + (int)options->descriptor_count;
  options->descriptors[options->descriptor_count++] = (struct descriptor){kind, place, name};
}

/* HOST=JAIL; the host's part may hold any character, the jail's no '='. */
static void add_folder(struct options *options, const char *option, char *text) {
  char *mark = strrchr(text, '=');
  if (mark == NULL || mark[1] != '/' || options->folder_count == FOLDERS_MAX) wrong(option, text);
  *mark = '\0';
  options->folders[options->folder_count++] = (struct folder){text, mark + 1};
}

static void read_option(struct options *options, const char *option, char *value) {
  if (strcmp(option, "--user") == 0) {
    options->user = (uid_t)number(option, value, (uid_t)-2);
    options->own_user = true;
    if (options->user == 0) wrong(option, value);
  } else if (strcmp(option, "--root") == 0) {
    options->root = value;
    options->namespaces = true;
  } else if (strcmp(option, "--cgroup") == 0) {
    options->cgroup = value;
  } else if (strcmp(option, "--kvm") == 0) {
    options->kvm = number(option, value, 1) == 1;
  } else if (strcmp(option, "--file-bytes") == 0) {
    options->file_bytes = number(option, value, RLIM_INFINITY);
  } else if (strcmp(option, "--processes") == 0) {
    options->processes = number(option, value, RLIM_INFINITY);
  } else if (strcmp(option, "--folder") == 0) {
    add_folder(options, option, value);
  } else if (strcmp(option, "--inherit") == 0) {
    add_descriptor(options, DESCRIPTOR_INHERITED, option, value);
  } else if (strcmp(option, "--listen") == 0) {
    add_descriptor(options, DESCRIPTOR_LISTEN, option, value);
  } else if (strcmp(option, "--read") == 0) {
    add_descriptor(options, DESCRIPTOR_READ, option, value);
  } else if (strcmp(option, "--tap") == 0) {
    add_descriptor(options, DESCRIPTOR_TAP, option, value);
  } else {
    wrong(option, value);
  }
}

void options_read(struct options *options, int count, char **arguments) {
  *options = (struct options){.file_bytes = RLIM_INFINITY, .processes = RLIM_INFINITY};
  int at = 1;
  for (; at < count && strcmp(arguments[at], "--") != 0; at += 2) {
    if (at + 1 == count) wrong(arguments[at], NULL);
    read_option(options, arguments[at], arguments[at + 1]);
  }
  if (at + 1 < count) options->command = arguments + at + 1;
  if (options->own_user && !options->namespaces) wrong("--user", "without --root");
  if (options->command != NULL && options->command[0][0] != '/') wrong("--", options->command[0]);
}
