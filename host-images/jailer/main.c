/*
 * Makes the jail of one machine and becomes its QEMU by exec, so that the process stays the one that the host started:
 *   jailer [--cgroup DIR] [--root DIR [--user ID] [--folder HOST=JAIL]... [--kvm 1]] [--file-bytes N] [--processes N]
 *          [--inherit NAME | --listen SOCKET | --read FILE | --tap NAME]... [-- COMMAND ARGUMENT...]
 * The command's descriptors are 3, 4, ... in the order of the options. Without --user the caller's own user goes into
 * a user namespace; without --root there are no namespaces. Without a command it ends when the jail is made.
 */
#include <stdlib.h>
#include <unistd.h>

#include "descriptors.h"
#include "fail.h"
#include "filter.h"
#include "options.h"
#include "rights.h"
#include "root.h"

int main(int count, char **arguments) {
  /* Nothing of the host's environment goes along: it may hold a join token. */
  char path[] = "PATH=/usr/bin:/bin";
  char locale[] = "LC_ALL=C";
  char zone[] = "TZ=UTC";
  /* So that what is freed can go back to the host: it does not from arenas of other threads and from GLib's own lists. */
  char arenas[] = "GLIBC_TUNABLES=glibc.malloc.arena_max=1";
  char slices[] = "G_SLICE=always-malloc";
  struct options options;
  options_read(&options, count, arguments);
  if (options.cgroup != NULL) rights_join(options.cgroup);
  descriptors_open(&options);
  if (options.namespaces) root_enter(&options);
  rights_drop(&options);
  if (!options.kvm) rights_spare_memory();
  filter_install();
  if (options.command == NULL) return EXIT_SUCCESS;
  char *environment[] = {path, locale, zone, options.kvm ? NULL : arenas, slices, NULL};
  execve(options.command[0], options.command, environment);
  fail("run", options.command[0]);
}
