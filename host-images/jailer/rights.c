#include "rights.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"

enum { PATH_SIZE = 4096, OPEN_FILES = 1024 };

void rights_join(const char *cgroup) {
  char path[PATH_SIZE];
  if (snprintf(path, sizeof path, "%s/cgroup.procs", cgroup) >= PATH_SIZE) fail("name", cgroup);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  must(file >= 0, "open", path);
  must(write(file, "0", 1) == 1, "join", cgroup);
  must(close(file) == 0, "close", path);
}

static void limit(int resource, rlim_t value, const char *name) {
  struct rlimit now;
  must(getrlimit(resource, &now) == 0, "read the limit of", name);
  if (now.rlim_max < value) value = now.rlim_max;
  struct rlimit wanted = {value, value};
  must(setrlimit(resource, &wanted) == 0, "limit", name);
}

static void set_limits(const struct options *options) {
  limit(RLIMIT_CORE, 0, "core files");
  limit(RLIMIT_FSIZE, options->file_bytes, "written files");
  limit(RLIMIT_NOFILE, OPEN_FILES, "open files");
  if (options->own_user) limit(RLIMIT_NPROC, options->processes, "threads");
  limit(RLIMIT_MSGQUEUE, 0, "message queues");
  limit(RLIMIT_RTPRIO, 0, "real-time priority");
}

static void drop_bounding_set(void) {
  for (unsigned long number = 0; prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; number++) {
    must(prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0, "drop", "the bounding set");
  }
}

static void drop_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{0}, {0}};
  must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0, "clear", "ambient capabilities");
  must(syscall(SYS_capset, &header, data) == 0, "drop", "capabilities");
  header.pid = 0;
  must(syscall(SYS_capget, &header, data) == 0, "read", "capabilities");
  unsigned left = data[0].effective | data[0].permitted | data[0].inheritable;
  left |= data[1].effective | data[1].permitted | data[1].inheritable;
  must(left == 0, "lose", "all capabilities");
}

static void take_user(uid_t user) {
  gid_t group = user;
  must(setgroups(0, NULL) == 0, "leave", "all groups");
  must(setresgid(group, group, group) == 0, "take", "its own group");
  must(setresuid(user, user, user) == 0, "take", "its own user");
  must(setuid(0) != 0 && setgid(0) != 0, "lose", "root");
}

void rights_drop(const struct options *options) {
  unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                       SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
  umask(077);
  set_limits(options);
  if (options->namespaces) {
    must(prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) == 0, "lock", "the secure bits");
    drop_bounding_set();
  }
  if (options->own_user) take_user(options->user);
  drop_capabilities();
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up", "new privileges");
}

void rights_spare_memory(void) {
  must(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0, "do without", "huge pages");
}
