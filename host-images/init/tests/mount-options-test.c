/* What becomes bits of a mount, and what the file system gets. */
#include "mount-options.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "check.h"

static void splits(const char *options, unsigned long before, unsigned long after, const char *rest) {
  char left[MOUNT_OPTIONS_SIZE];
  unsigned long flags = before;
  mount_options_split(options, &flags, left);
  CHECK(flags == after);
  CHECK(strcmp(left, rest) == 0);
}

int main(void) {
  splits("", MS_NODEV, MS_NODEV, "");
  splits("noatime,vers=4.1,addr=10.0.0.1", 0, MS_NOATIME, "vers=4.1,addr=10.0.0.1");
  splits("rw,suid", MS_RDONLY | MS_NOSUID | MS_NODEV, MS_NODEV, "");
  splits("data=journal,,ro", 0, MS_RDONLY, "data=journal");
  splits("defaults,noatimes", 0, 0, "noatimes");
  puts("mount options: ok");
  return 0;
}
