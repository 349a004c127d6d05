#include "cgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device-filter.h"
#include "files.h"
#include "ready.h"
#include "wire.h"

#define PODS "/sys/fs/cgroup/pods"

enum { PATH_SIZE = 160, GROUP_DEPTH_MAX = 16 };

/* Of limits of CPU time, in microseconds. */
enum { USUAL_PERIOD = 100000 };

static void path_of(char *path, const char *container, const char *file) {
  snprintf(path, PATH_SIZE, PODS "/%s/%s", ready_folder(container), file);
}

void cgroups_init(void) {
  static const char *const controllers[] = {"+cpu", "+memory", "+pids", "+io", "+cpuset"};
  mkdir(PODS, 0755);
  for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
    /* One by one: a kernel without one of them still has the others. */
    file_write("/sys/fs/cgroup/cgroup.subtree_control", controllers[i]);
    file_write(PODS "/cgroup.subtree_control", controllers[i]);
  }
  /* Once for all containers, and in the template of all clones; where it fails, the first container's start says
     why. */
  device_filter_load();
}

static bool set(const char *container, const char *file, const char *value, struct failure *failure) {
  char path[PATH_SIZE];
  path_of(path, container, file);
  return file_write(path, value) || refuse_errno(failure, "set %s to %s", file, value);
}

static bool set_limit(const char *container, const char *file, uint64_t limit, struct failure *failure) {
  char text[32] = "max";
  if (limit != 0) snprintf(text, sizeof text, "%llu", (unsigned long long)limit);
  return set(container, file, text, failure);
}

static bool cpu_is_good(struct span fields, struct failure *failure) {
  uint64_t period = 0;
  bool good = field_u64(fields, TAG_CPU_PERIOD, &period) != FOUND || (period >= 1000 && period <= 1000000);
  return good || refuse(failure, ERROR_INVALID, "CPU_PERIOD is %llu, expected 1000 to 1000000",
                        (unsigned long long)period);
}

bool cgroup_limit_cpu(const char *container, struct span resources, struct failure *failure) {
  uint64_t quota = 0;
  uint64_t period = USUAL_PERIOD;
  char text[64];
  if (!cpu_is_good(resources, failure)) return false;
  field_u64(resources, TAG_CPU_PERIOD, &period);
  if (field_u64(resources, TAG_CPU_QUOTA, &quota) != FOUND) return true;
  if (quota == 0) {
    snprintf(text, sizeof text, "max %llu", (unsigned long long)period);
  } else {
    snprintf(text, sizeof text, "%llu %llu", (unsigned long long)(quota < 1000 ? 1000 : quota),
             (unsigned long long)period);
  }
  return set(container, "cpu.max", text, failure);
}

/* All but the limit of CPU time. A new group has no limits, so there is none to take away. */
static bool set_resources(const char *container, struct span resources, bool is_new, struct failure *failure) {
  uint64_t memory = 0;
  uint32_t weight = 0;
  uint32_t pids = 0;
  char text[16];
  if (field_u32(resources, TAG_CPU_WEIGHT, &weight) == FOUND) {
    snprintf(text, sizeof text, "%u", weight);
    if (!set(container, "cpu.weight", text, failure)) return false;
  }
  bool limits = field_u64(resources, TAG_MEMORY_MAX, &memory) == FOUND && (memory != 0 || !is_new);
  if (limits && !set_limit(container, "memory.max", memory, failure)) return false;
  limits = field_u32(resources, TAG_PIDS_MAX, &pids) == FOUND && (pids != 0 || !is_new);
  return !limits || set_limit(container, "pids.max", pids, failure);
}

bool cgroup_update(const char *container, struct span resources, struct failure *failure) {
  static bool pod_was_limited;
  bool is_new = container[0] == '\0' && !pod_was_limited;
  pod_was_limited |= is_new;
  uint64_t quota = 0;
  uint64_t period = USUAL_PERIOD;
  field_u64(resources, TAG_CPU_PERIOD, &period);
  field_u64(resources, TAG_CPU_QUOTA, &quota);
  bool is_usual = is_new && quota == 0 && period == USUAL_PERIOD;
  return (is_usual || cgroup_limit_cpu(container, resources, failure)) &&
         set_resources(container, resources, is_new, failure);
}

static bool make_group(const char *container) {
  char path[PATH_SIZE];
  path_of(path, container, "");
  if (mkdir(path, 0755) != 0) return false;
  /* One process that meets its limit takes its container with it, as under any kubelet with cgroup v2. */
  path_of(path, container, "memory.oom.group");
  file_write(path, "1");
  return true;
}

static bool limit_devices(const char *container, const struct raw_disks *disks) {
  int fd = cgroup_open(container);
  bool done = fd >= 0 && device_filter_attach(fd, disks);
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return done;
}

void cgroups_make_ready(void) {
  static const struct raw_disks none = {.count = 0};
  if (make_group(READY_FOLDER) && limit_devices(READY_FOLDER, &none)) {
    ready_offer();
  } else {
    cgroup_remove(READY_FOLDER);
  }
}

bool cgroup_create(const char *container, struct span resources, bool privileged, struct failure *failure) {
  struct raw_disks disks;
  bool is_made = ready_folder(container) != container;
  if (!is_made && !make_group(container)) return refuse_errno(failure, "make a control group");
  bool done = cpu_is_good(resources, failure) && set_resources(container, resources, true, failure) &&
              raw_disks_read(resources, &disks, failure);
  if (done && !is_made && !privileged) {
    done = limit_devices(container, &disks) || refuse_errno(failure, "limit devices");
  }
  if (!done) cgroup_remove(container);
  return done;
}

/* Groups have files that go by themselves, and groups below only if the container made some. */
static int remove_group(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  (void)place;
  if (kind == FTW_DP) rmdir(path);
  return 0;
}

void cgroup_remove(const char *container) {
  char path[PATH_SIZE];
  char text[FILE_TEXT_SIZE];
  /* What it has read and written counts in the Pod's figures once somebody looks, and Linux 6.1 loses the rest. */
  path_of(path, container, "io.stat");
  file_read(path, text, sizeof text);
  path_of(path, container, "");
  if (rmdir(path) != 0 && errno == EBUSY) nftw(path, remove_group, GROUP_DEPTH_MAX, FTW_DEPTH | FTW_PHYS);
}

int cgroup_open(const char *container) {
  char path[PATH_SIZE];
  path_of(path, container, "");
  return open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
}

bool cgroup_kill(const char *container) {
  char path[PATH_SIZE];
  path_of(path, container, "cgroup.kill");
  return file_write(path, "1");
}

bool cgroups_kill_all(void) { return file_write(PODS "/cgroup.kill", "1"); }

bool cgroup_was_oom_killed(const char *container) {
  char path[PATH_SIZE];
  path_of(path, container, "memory.events");
  return file_number(path, "oom_kill") > 0;
}
