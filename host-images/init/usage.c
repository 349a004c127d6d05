#include "usage.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "files.h"
#include "pod-disk.h"
#include "ready.h"
#include "remote.h"
#include "tally.h"
#include "wire.h"

#define PODS "/sys/fs/cgroup/pods"
#define VOLUMES "/volumes"

enum { PATH_SIZE = 320 };

struct figure {
  const char *key;
  uint16_t tag;
};

static const struct figure cpu_figures[] = {
    {"usage_usec", TAG_CPU_USAGE},   {"user_usec", TAG_CPU_USER},
    {"system_usec", TAG_CPU_SYSTEM}, {"nr_periods", TAG_CPU_PERIODS},
    {"nr_throttled", TAG_CPU_THROTTLED_PERIODS}, {"throttled_usec", TAG_CPU_THROTTLED},
    {NULL, 0},
};

static const struct figure memory_figures[] = {
    {"inactive_file", TAG_MEMORY_INACTIVE_FILE}, {"active_file", TAG_MEMORY_ACTIVE_FILE},
    {"anon", TAG_MEMORY_ANON},                   {"file", TAG_MEMORY_FILE},
    {"file_mapped", TAG_MEMORY_MAPPED},          {"kernel", TAG_MEMORY_KERNEL},
    {"pgfault", TAG_PAGE_FAULTS},                {"pgmajfault", TAG_MAJOR_PAGE_FAULTS},
    {NULL, 0},
};

static const struct figure memory_events[] = {
    {"max", TAG_MEMORY_LIMIT_HITS}, {"oom_kill", TAG_OOM_KILLS}, {NULL, 0}};

/* A file of a control group. False when there is none. */
static bool read_file(const char *group, const char *name, char text[FILE_TEXT_SIZE]) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s", group, name);
  return file_read(path, text, FILE_TEXT_SIZE) > 0;
}

static void write_figures(const char *group, const char *name, const struct figure *figures, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  uint64_t number;
  if (!read_file(group, name, text)) return;
  for (; figures->key != NULL; figures++) {
    if (text_number(text, figures->key, &number)) write_u64(answer, figures->tag, number);
  }
}

static void write_number(const char *group, const char *name, uint16_t tag, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  if (read_file(group, name, text)) write_u64(answer, tag, strtoull(text, NULL, 10));
}

static void write_count(const char *group, const char *name, uint16_t tag, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  if (read_file(group, name, text)) write_u32(answer, tag, (uint32_t)strtoul(text, NULL, 10));
}

/* A limit that is not "max". */
static void write_limit(const char *group, const char *name, uint16_t tag, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  uint64_t limit = read_file(group, name, text) ? strtoull(text, NULL, 10) : 0;
  if (limit != 0) write_u64(answer, tag, limit);
}

/* "max 100000" or "50000 100000", in microseconds. */
static void write_cpu_limit(const char *group, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  if (!read_file(group, "cpu.max", text)) return;
  const char *period = strchr(text, ' ');
  uint64_t quota = strtoull(text, NULL, 10);
  if (quota != 0) write_u64(answer, TAG_CPU_QUOTA, quota);
  if (period != NULL) write_u64(answer, TAG_CPU_PERIOD, strtoull(period, NULL, 10));
}

/* The path of a disk by its number, "254:0". */
static void write_disk(const char *number, size_t length, struct writer *answer) {
  char link[64];
  char target[PATH_SIZE];
  char path[PATH_SIZE];
  snprintf(link, sizeof link, "/sys/dev/block/%.*s", (int)length, number);
  ssize_t got = readlink(link, target, sizeof target - 1);
  if (got <= 0) return;
  target[got] = '\0';
  const char *name = strrchr(target, '/');
  snprintf(path, sizeof path, "/dev%s", name == NULL ? "/" : name);
  write_string(answer, TAG_PATH, path);
}

static void write_io_figure(const char *line, const char *key, uint16_t tag, struct writer *answer) {
  const char *found = strstr(line, key);
  if (found != NULL) write_u64(answer, tag, strtoull(found + strlen(key), NULL, 10));
}

/* A line for each disk: "254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0". */
static void write_io(const char *group, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  char *rest = text;
  if (!read_file(group, "io.stat", text)) return;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    size_t mark = write_group_begin(answer, TAG_IO_GROUP);
    write_disk(line, strcspn(line, " "), answer);
    write_io_figure(line, " rbytes=", TAG_READ_BYTES, answer);
    write_io_figure(line, " wbytes=", TAG_WRITTEN_BYTES, answer);
    write_io_figure(line, " rios=", TAG_READS, answer);
    write_io_figure(line, " wios=", TAG_WRITES, answer);
    write_group_end(answer, mark);
  }
}

static void write_text(const char *group, const char *name, uint16_t tag, struct writer *answer) {
  char text[FILE_TEXT_SIZE];
  if (read_file(group, name, text)) write_string(answer, tag, text);
}

static void write_group(const char *group, struct writer *answer) {
  write_u64(answer, TAG_CPU_READ_AT, loop_now_ms());
  write_figures(group, "cpu.stat", cpu_figures, answer);
  write_cpu_limit(group, answer);
  write_count(group, "cpu.weight", TAG_CPU_WEIGHT, answer);
  write_figures(group, "memory.stat", memory_figures, answer);
  write_number(group, "memory.current", TAG_MEMORY_CURRENT, answer);
  write_number(group, "memory.peak", TAG_MEMORY_PEAK, answer);
  write_limit(group, "memory.max", TAG_MEMORY_LIMIT, answer);
  write_figures(group, "memory.events", memory_events, answer);
  write_count(group, "pids.current", TAG_PIDS_CURRENT, answer);
  write_count(group, "pids.max", TAG_PIDS_MAX, answer);
  write_io(group, answer);
  write_text(group, "cpu.pressure", TAG_CPU_PRESSURE, answer);
  write_text(group, "memory.pressure", TAG_MEMORY_PRESSURE, answer);
  write_text(group, "io.pressure", TAG_IO_PRESSURE, answer);
}

/* A file system; with a tally, a folder of it, whose use is its own. */
static void write_file_system(const char *path, const struct tally *folder, struct writer *answer) {
  struct statfs status;
  if (statfs(path, &status) != 0 || status.f_bsize <= 0) return;
  uint64_t block = (uint64_t)status.f_bsize;
  write_u64(answer, TAG_FS_CAPACITY, block * status.f_blocks);
  write_u64(answer, TAG_FS_AVAILABLE, block * status.f_bavail);
  write_u64(answer, TAG_FS_USED, folder != NULL ? folder->bytes : block * (status.f_blocks - status.f_bfree));
  write_u64(answer, TAG_FS_INODES, status.f_files);
  write_u64(answer, TAG_FS_INODES_FREE, status.f_ffree);
  if (folder != NULL) write_u64(answer, TAG_FS_INODES_USED, folder->inodes);
}

/* A folder of the Pod's disk: what it holds itself, and what the disk has left. */
static void write_folder(enum tally_kind kind, const char *name, struct writer *answer) {
  struct tally folder = {0};
  tally_of(kind, name, &folder);
  write_file_system(POD_VOLUMES, &folder, answer);
}

static void write_processes(const char *folder, pid_t first, struct writer *answer) {
  struct tally tally;
  struct rlimit files;
  if (tally_of(TALLY_CONTAINER, folder, &tally)) {
    write_u32(answer, TAG_PROCESSES, (uint32_t)tally.processes);
    write_u32(answer, TAG_OPEN_FILES, (uint32_t)tally.files);
    write_u32(answer, TAG_OPEN_SOCKETS, (uint32_t)tally.sockets);
  }
  if (prlimit(first, RLIMIT_NOFILE, NULL, &files) == 0) write_u64(answer, TAG_OPEN_FILES_MAX, files.rlim_cur);
}

void usage_describe_container(const char *container, pid_t pid, struct writer *answer) {
  char path[PATH_SIZE];
  const char *folder = ready_folder(container);
  snprintf(path, sizeof path, PODS "/%s", folder);
  write_group(path, answer);
  write_processes(folder, pid, answer);
  if (pod_disk_is_there()) {
    write_folder(TALLY_LAYER, pod_disk_layer(container), answer);
    return;
  }
  /* An overlay answers with the figures of its writable layer. */
  snprintf(path, sizeof path, "/proc/%d/root/", (int)pid);
  write_file_system(path, NULL, answer);
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
    write_folder(TALLY_VOLUME, name, answer);
  } else {
    write_file_system(path, NULL, answer);
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
  write_u64(answer, TAG_CPU_READ_AT, loop_now_ms());
  write_u64(answer, TAG_CPU_USAGE, file_number("/sys/fs/cgroup/cpu.stat", "usage_usec"));
  write_u64(answer, TAG_MEMORY_TOTAL, 1024 * file_number("/proc/meminfo", "MemTotal:"));
  write_u64(answer, TAG_MEMORY_AVAILABLE, 1024 * file_number("/proc/meminfo", "MemAvailable:"));
  size_t group = write_group_begin(answer, TAG_PODS_GROUP);
  write_group(PODS, answer);
  write_group_end(answer, group);
}
