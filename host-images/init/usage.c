#include "usage.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "files.h"
#include "folder-usage.h"
#include "pod-disk.h"
#include "remote.h"
#include "wire.h"

#define PODS "/sys/fs/cgroup/pods"
#define VOLUMES "/volumes"

enum { PATH_SIZE = 320 };

/* One file is read once for all that is wanted of it. */
struct figure {
  const char *key;
  uint16_t tag;
};

static const struct figure cpu_figures[] = {
    {"usage_usec", TAG_CPU_USAGE},
    {"user_usec", TAG_CPU_USER},
    {"system_usec", TAG_CPU_SYSTEM},
};

static const struct figure memory_figures[] = {
    {"inactive_file", TAG_MEMORY_INACTIVE_FILE}, {"anon", TAG_MEMORY_ANON},       {"file", TAG_MEMORY_FILE},
    {"file_mapped", TAG_MEMORY_MAPPED},          {"pgfault", TAG_PAGE_FAULTS},    {"pgmajfault", TAG_MAJOR_PAGE_FAULTS},
};

static void write_figures(const char *path, const struct figure *figures, size_t count, struct writer *answer) {
  for (size_t i = 0; i < count; i++) write_u64(answer, figures[i].tag, file_number(path, figures[i].key));
}

/* A limit that is not "max". */
static void write_limit(const char *path, uint16_t tag, struct writer *answer) {
  uint64_t limit = file_number(path, "");
  if (limit != 0) write_u64(answer, tag, limit);
}

static void write_group(const char *group, struct writer *answer) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%s/cpu.stat", group);
  write_figures(path, cpu_figures, sizeof cpu_figures / sizeof *cpu_figures, answer);
  snprintf(path, sizeof path, "%s/memory.stat", group);
  write_figures(path, memory_figures, sizeof memory_figures / sizeof *memory_figures, answer);
  snprintf(path, sizeof path, "%s/memory.current", group);
  write_u64(answer, TAG_MEMORY_CURRENT, file_number(path, ""));
  snprintf(path, sizeof path, "%s/memory.max", group);
  write_limit(path, TAG_MEMORY_LIMIT, answer);
  snprintf(path, sizeof path, "%s/memory.events", group);
  write_u64(answer, TAG_OOM_KILLS, file_number(path, "oom_kill"));
  snprintf(path, sizeof path, "%s/pids.current", group);
  write_u32(answer, TAG_PIDS_CURRENT, (uint32_t)file_number(path, ""));
}

static void write_file_system(const char *path, struct writer *answer) {
  struct statfs status;
  if (statfs(path, &status) != 0 || status.f_bsize <= 0) return;
  uint64_t block = (uint64_t)status.f_bsize;
  write_u64(answer, TAG_FS_CAPACITY, block * status.f_blocks);
  write_u64(answer, TAG_FS_AVAILABLE, block * status.f_bavail);
  write_u64(answer, TAG_FS_USED, block * (status.f_blocks - status.f_bfree));
  write_u64(answer, TAG_FS_INODES, status.f_files);
  write_u64(answer, TAG_FS_INODES_FREE, status.f_ffree);
}

/* A folder of the Pod's disk: what it holds itself, and what the disk has left. */
static void write_folder(enum folder_kind kind, const char *name, struct writer *answer) {
  struct statfs status;
  if (statfs(POD_VOLUMES, &status) != 0 || status.f_bsize <= 0) return;
  uint64_t block = (uint64_t)status.f_bsize;
  struct folder_usage usage = folder_usage_of(kind, name);
  write_u64(answer, TAG_FS_CAPACITY, block * status.f_blocks);
  write_u64(answer, TAG_FS_AVAILABLE, block * status.f_bavail);
  write_u64(answer, TAG_FS_USED, usage.bytes);
  write_u64(answer, TAG_FS_INODES, status.f_files);
  write_u64(answer, TAG_FS_INODES_FREE, status.f_ffree);
  write_u64(answer, TAG_FS_INODES_USED, usage.inodes);
}

void usage_describe_container(const char *container, pid_t pid, struct writer *answer) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, PODS "/%s", container);
  write_group(path, answer);
  if (pod_disk_is_there()) {
    write_folder(FOLDER_LAYER, container, answer);
    return;
  }
  /* An overlay answers with the figures of its writable layer. */
  snprintf(path, sizeof path, "/proc/%d/root/", (int)pid);
  write_file_system(path, answer);
}

static bool is_on_disk(const char *name) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, POD_VOLUMES "/%s", name);
  return pod_disk_is_there() && access(path, F_OK) == 0;
}

static void write_volume(const char *name, struct writer *answer) {
  if (remote_is(name)) return;
  char path[PATH_SIZE];
  snprintf(path, sizeof path, VOLUMES "/%s", name);
  size_t group = write_group_begin(answer, TAG_VOLUME_GROUP);
  write_string(answer, TAG_MOUNT_SOURCE, name);
  if (is_on_disk(name)) {
    write_folder(FOLDER_VOLUME, name, answer);
  } else {
    write_file_system(path, answer);
  }
  write_group_end(answer, group);
}

void usage_describe_volumes(struct writer *answer) {
  DIR *folder = opendir(VOLUMES);
  if (folder == NULL) return;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (entry->d_name[0] != '.') write_volume(entry->d_name, answer);
  }
  closedir(folder);
}

void usage_describe_machine(struct writer *answer) {
  write_u64(answer, TAG_CPU_USAGE, file_number("/sys/fs/cgroup/cpu.stat", "usage_usec"));
  write_u64(answer, TAG_MEMORY_TOTAL, 1024 * file_number("/proc/meminfo", "MemTotal:"));
  write_u64(answer, TAG_MEMORY_AVAILABLE, 1024 * file_number("/proc/meminfo", "MemAvailable:"));
  size_t group = write_group_begin(answer, TAG_PODS_GROUP);
  write_group(PODS, answer);
  write_group_end(answer, group);
}
