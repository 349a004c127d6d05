#include "tally.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "containers.h"
#include "loop.h"
#include "pod-disk.h"
#include "volumes.h"

#define PODS "/sys/fs/cgroup/pods"

enum {
  ENTRIES_MAX = 2 * CONTAINERS_MAX + VOLUMES_MAX,
  FOLDERS_OPEN = 8,
  REPORT = BACKGROUND_KEPT,
  PATIENCE_MS = 2000,
  BLOCK = 512,
  PATH_SIZE = 384,
};

/* What the process that counts sends. */
struct entry {
  enum tally_kind kind;
  char name[ID_SIZE];
  struct tally tally;
};

/* All of them fit into a pipe, so it never waits. */
_Static_assert(ENTRIES_MAX * sizeof(struct entry) <= 65536, "a pipe holds 64 KiB");

static struct entry known[ENTRIES_MAX];
static size_t known_count;

/* What came of the counting that is under way. */
static struct entry coming[ENTRIES_MAX];
static size_t coming_bytes;
static struct watch report = {.fd = -1};
static void (*waiting)(void);
static uint64_t deadline_ms;

static struct tally sum;

/* A file with several names counts by its share under each. */
static int add_file(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)path;
  (void)place;
  if (kind == FTW_NS) return 0;
  uint64_t names = S_ISDIR(status->st_mode) || status->st_nlink == 0 ? 1 : status->st_nlink;
  sum.bytes += (uint64_t)status->st_blocks * BLOCK / names;
  sum.inodes++;
  return 0;
}

static void count_folder(const char *folder) { nftw(folder, add_file, FOLDERS_OPEN, FTW_PHYS | FTW_MOUNT); }

static void count_open_files(unsigned long process) {
  char path[PATH_SIZE];
  char target[16];
  snprintf(path, sizeof path, "/proc/%lu/fd", process);
  DIR *files = opendir(path);
  if (files == NULL) return;
  for (struct dirent *entry = readdir(files); entry != NULL; entry = readdir(files)) {
    if (entry->d_name[0] == '.') continue;
    sum.files++;
    ssize_t length = readlinkat(dirfd(files), entry->d_name, target, sizeof target);
    sum.sockets += length >= 8 && memcmp(target, "socket:[", 8) == 0;
  }
  closedir(files);
}

/* A control group's processes, without those of groups that a privileged container made below it. */
static void count_processes(const char *group) {
  char path[PATH_SIZE];
  char line[32];
  snprintf(path, sizeof path, "%s/cgroup.procs", group);
  FILE *list = fopen(path, "re");
  if (list == NULL) return;
  while (fgets(line, sizeof line, list) != NULL) {
    sum.processes++;
    count_open_files(strtoul(line, NULL, 10));
  }
  fclose(list);
}

static void count_all(const char *parent, enum tally_kind kind, void (*count)(const char *path)) {
  DIR *folders = opendir(parent);
  if (folders == NULL) return;
  for (struct dirent *folder = readdir(folders); folder != NULL; folder = readdir(folders)) {
    if (folder->d_name[0] == '.' || folder->d_type != DT_DIR) continue;
    char path[PATH_SIZE];
    struct entry entry;
    memset(&entry, 0, sizeof entry);
    entry.kind = kind;
    snprintf(entry.name, sizeof entry.name, "%.*s", ID_SIZE - 1, folder->d_name);
    snprintf(path, sizeof path, "%s/%s", parent, entry.name);
    memset(&sum, 0, sizeof sum);
    count(path);
    entry.tally = sum;
    if (write(REPORT, &entry, sizeof entry) != sizeof entry) _exit(1);
  }
  closedir(folders);
}

static _Noreturn void count_in_child(int end) {
  background_begin(BACKGROUND_COUNTS, &end, 1);
  count_all(PODS, TALLY_CONTAINER, count_processes);
  if (pod_disk_is_there()) {
    count_all(POD_LAYERS, TALLY_LAYER, count_folder);
    count_all(POD_VOLUMES, TALLY_VOLUME, count_folder);
  }
  _exit(0);
}

static void tell(void) {
  void (*counted)(void) = waiting;
  waiting = NULL;
  if (counted != NULL) counted();
}

static void receive(struct watch *watch, uint32_t events) {
  (void)events;
  for (;;) {
    ssize_t got = read(watch->fd, (char *)coming + coming_bytes, sizeof coming - coming_bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    if (got == 0) break;
    coming_bytes += (size_t)got;
  }
  loop_close(watch);
  known_count = coming_bytes / sizeof *coming;
  memcpy(known, coming, known_count * sizeof *coming);
  tell();
}

static bool begin(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  int pid = fork();
  if (pid == 0) count_in_child(ends[1]);
  close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  coming_bytes = 0;
  report = (struct watch){ends[0], receive};
  if (pid > 0 && loop_add(&report)) return true;
  close(ends[0]);
  report.fd = -1;
  return false;
}

bool tally_begin(void (*counted)(void)) {
  if (report.fd < 0 && !begin()) return false;
  if (waiting == NULL) deadline_ms = loop_now_ms() + PATIENCE_MS;
  waiting = counted;
  return true;
}

bool tally_of(enum tally_kind kind, const char *name, struct tally *tally) {
  for (size_t i = 0; i < known_count; i++) {
    if (known[i].kind != kind || strcmp(known[i].name, name) != 0) continue;
    *tally = known[i].tally;
    return true;
  }
  return false;
}

int tally_timeout_ms(void) { return loop_ms_until(waiting == NULL ? LOOP_NEVER : deadline_ms); }

void tally_look(void) {
  if (waiting != NULL && loop_now_ms() >= deadline_ms) tell();
}
