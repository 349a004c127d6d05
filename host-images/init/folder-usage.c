#include "folder-usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "containers.h"
#include "loop.h"
#include "pod-disk.h"
#include "volumes.h"

enum { FOLDERS_MAX = CONTAINERS_MAX + VOLUMES_MAX, FOLDERS_OPEN = 8, REPORT = 3, PATIENCE_MS = 2000, BLOCK = 512, LESS_URGENT = 10 };

/* What the process that counts sends: all of them fit into a pipe, so it never waits. */
struct count {
  enum folder_kind kind;
  char name[ID_SIZE];
  struct folder_usage usage;
};

static struct count known[FOLDERS_MAX];
static size_t known_count;

/* What came of the counting that is under way. */
static struct count coming[FOLDERS_MAX];
static size_t coming_bytes;
static struct watch report = {.fd = -1};
static void (*waiting)(void);
static uint64_t deadline_ms;

static struct folder_usage sum;

/* A file with several names counts by its share under each. */
static int add(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)path;
  (void)place;
  if (kind == FTW_NS) return 0;
  uint64_t names = S_ISDIR(status->st_mode) || status->st_nlink == 0 ? 1 : status->st_nlink;
  sum.bytes += (uint64_t)status->st_blocks * BLOCK / names;
  sum.inodes++;
  return 0;
}

static void count_all(const char *parent, enum folder_kind kind) {
  DIR *folders = opendir(parent);
  if (folders == NULL) return;
  for (struct dirent *entry = readdir(folders); entry != NULL; entry = readdir(folders)) {
    if (entry->d_name[0] == '.') continue;
    char path[POD_FOLDER_SIZE];
    struct count count;
    memset(&count, 0, sizeof count);
    count.kind = kind;
    snprintf(count.name, sizeof count.name, "%.*s", ID_SIZE - 1, entry->d_name);
    snprintf(path, sizeof path, "%s/%s", parent, count.name);
    sum = (struct folder_usage){0, 0};
    nftw(path, add, FOLDERS_OPEN, FTW_PHYS | FTW_MOUNT);
    count.usage = sum;
    if (write(REPORT, &count, sizeof count) != sizeof count) _exit(1);
  }
  closedir(folders);
}

static _Noreturn void count_in_child(int end) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpriority(PRIO_PROCESS, 0, LESS_URGENT);
  if (end != REPORT) dup2(end, REPORT);
  syscall(SYS_close_range, REPORT + 1u, ~0u, 0);
  count_all(POD_LAYERS, FOLDER_LAYER);
  count_all(POD_VOLUMES, FOLDER_VOLUME);
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

bool folder_usage_count(void (*counted)(void)) {
  if (report.fd < 0 && !begin()) return false;
  if (waiting == NULL) deadline_ms = loop_now_ms() + PATIENCE_MS;
  waiting = counted;
  return true;
}

struct folder_usage folder_usage_of(enum folder_kind kind, const char *name) {
  for (size_t i = 0; i < known_count; i++) {
    if (known[i].kind == kind && strcmp(known[i].name, name) == 0) return known[i].usage;
  }
  return (struct folder_usage){0, 0};
}

int folder_usage_timeout_ms(void) {
  if (waiting == NULL) return -1;
  uint64_t now = loop_now_ms();
  return deadline_ms > now ? (int)(deadline_ms - now) : 0;
}

void folder_usage_look(void) {
  if (waiting != NULL && loop_now_ms() >= deadline_ms) tell();
}
