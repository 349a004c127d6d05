#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "background.h"
#include "ids.h"
#include "loop.h"
#include "mount-options.h"
#include "relay.h"
#include "wire.h"

enum {
  REMOTES_MAX = 64,
  PATH_SIZE = 128,
  DATA_SIZE = MOUNT_OPTIONS_SIZE,
  DEFAULT_TIMEOUT_S = 30,
  /* Descriptors of a process that mounts. */
  REPORT = BACKGROUND_KEPT,
  PORT,
};

#define SHARES "/run/shares"

struct wanted {
  char name[ID_SIZE];
  char kind[16];
  char source[DATA_SIZE];
  char data[DATA_SIZE];
  uint32_t options;
};

/* Names of what is mounted. */
static char remotes[REMOTES_MAX][ID_SIZE];
static bool shares_mounted;

/* The one mount that is being made. */
static struct wanted making;
static struct pending asker;
static struct watch report = {.fd = -1};

static char *find(const char *name) {
  for (size_t i = 0; i < REMOTES_MAX; i++) {
    if (strcmp(remotes[i], name) == 0) return remotes[i];
  }
  return NULL;
}

bool remote_is(const char *name) { return find(name) != NULL || (report.fd >= 0 && strcmp(making.name, name) == 0); }

/* In a process that mounts: ends it with an errno for PID 1. */
static _Noreturn void tell(int error) {
  ssize_t told = write(REPORT, &error, sizeof error);
  _exit(told == sizeof error ? 0 : 1);
}

/* Binds a share to its volume's path; what is no folder needs a file as its mount point. */
static int place(const char *source, const char *target, uint32_t options) {
  struct stat status;
  if (stat(source, &status) != 0) return errno;
  int file = S_ISDIR(status.st_mode) ? mkdir(target, 0755) : open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST) return errno;
  if (mount(source, target, NULL, MS_BIND | MS_REC, NULL) != 0) return errno;
  unsigned long flags = MS_BIND | MS_REMOUNT | MS_NODEV | MS_NOSUID;
  if ((options & MOUNT_READ_ONLY) != 0) flags |= MS_RDONLY;
  return mount(NULL, target, NULL, flags, NULL) == 0 ? 0 : errno;
}

/* The port is there before its server has connected; the relay ends with the server. */
static int mount_shares(void) {
  char data[128];
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return errno;
  int relay = fork();
  if (relay < 0) return errno;
  if (relay == 0) {
    close(ends[1]);
    close(REPORT);
    alarm(0);
    relay_bytes(PORT, ends[0]);
  }
  close(ends[0]);
  close(PORT);
  mkdir(SHARES, 0700);
  static const char form[] = "trans=fd,rfdno=%d,wfdno=%d,version=9p2000.L,msize=262144,access=client,cache=mmap";
  snprintf(data, sizeof data, form, ends[1], ends[1]);
  return mount("files", SHARES, "9p", MS_NODEV | MS_NOSUID, data) == 0 ? 0 : errno;
}

static _Noreturn void make(const struct wanted *wanted, unsigned timeout_s) {
  char target[PATH_SIZE];
  char source[PATH_SIZE];
  alarm(timeout_s);
  snprintf(target, sizeof target, "/volumes/%s", wanted->name);
  if (strcmp(wanted->kind, "share") == 0) {
    int error = shares_mounted ? 0 : mount_shares();
    snprintf(source, sizeof source, SHARES "/%s", wanted->name);
    tell(error != 0 ? error : place(source, target, wanted->options));
  }
  char rest[MOUNT_OPTIONS_SIZE];
  unsigned long flags = MS_NODEV | MS_NOSUID;
  mount_options_split(wanted->data, &flags, rest);
  if ((wanted->options & MOUNT_READ_ONLY) != 0) flags |= MS_RDONLY;
  mkdir(target, 0755);
  tell(mount(wanted->source, target, wanted->kind, flags, rest) == 0 ? 0 : errno);
}

static void made(struct watch *watch, uint32_t events) {
  (void)events;
  struct failure failure = {.kind = ERROR_FAILED};
  int error = 0;
  ssize_t got = read(watch->fd, &error, sizeof error);
  if (got < 0 && errno == EAGAIN) return;
  loop_close(watch);
  if (got == sizeof error && error == 0) {
    shares_mounted |= strcmp(making.kind, "share") == 0;
    char *free_slot = find("");
    if (free_slot != NULL) memcpy(free_slot, making.name, ID_SIZE);
    control_answer(&asker, NULL);
    return;
  }
  errno = got == sizeof error ? error : ETIMEDOUT;
  refuse_errno(&failure, "mount volume %s (%s %s)", making.name, making.kind, making.source);
  control_refuse(&asker, &failure);
}

/* Opens the port for the process to come; -1 where none is needed. */
static bool open_port(const struct wanted *wanted, int *port, struct failure *failure) {
  char path[PATH_SIZE];
  *port = -1;
  if (strcmp(wanted->kind, "share") != 0 || shares_mounted) return true;
  if (!port_find("pacific.files", path, sizeof path)) {
    return refuse(failure, ERROR_UNSUPPORTED, "this machine has no port for files");
  }
  *port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return *port >= 0 || refuse_errno(failure, "open %s", path);
}

static bool start(struct request *request, const struct wanted *wanted, unsigned timeout_s) {
  int ends[2];
  int port;
  if (!open_port(wanted, &port, request->failure)) return false;
  if (pipe2(ends, O_CLOEXEC) != 0) return refuse_errno(request->failure, "pipe");
  int pid = fork();
  if (pid == 0) {
    const int kept[] = {ends[1], port};
    background_begin(BACKGROUND_SERVES, kept, port >= 0 ? 2 : 1);
    make(wanted, timeout_s);
  }
  close(ends[1]);
  if (port >= 0) close(port);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  report = (struct watch){ends[0], made};
  if (pid > 0 && loop_add(&report)) return true;
  refuse_errno(request->failure, "start a process that mounts");
  close(ends[0]);
  report.fd = -1;
  return false;
}

static bool read_wanted(struct span fields, struct wanted *wanted, struct failure *failure) {
  if (!id_field(fields, TAG_MOUNT_SOURCE, wanted->name, failure)) return false;
  field_string(fields, TAG_FILE_SYSTEM, wanted->kind, sizeof wanted->kind);
  field_string(fields, TAG_REMOTE, wanted->source, sizeof wanted->source);
  field_string(fields, TAG_MOUNT_DATA, wanted->data, sizeof wanted->data);
  field_u32(fields, TAG_MOUNT_OPTIONS, &wanted->options);
  if (strcmp(wanted->kind, "share") == 0) return true;
  if (strcmp(wanted->kind, "nfs") == 0 && wanted->source[0] != '\0') return true;
  return refuse(failure, ERROR_INVALID, "volume %s: expected a share, or nfs with its REMOTE", wanted->name);
}

enum outcome remote_mount(struct request *request) {
  struct wanted wanted = {.options = 0};
  uint32_t timeout_ms = DEFAULT_TIMEOUT_S * 1000;
  if (!read_wanted(request->fields, &wanted, request->failure)) return OUTCOME_REFUSED;
  field_u32(request->fields, TAG_TIMEOUT, &timeout_ms);
  if (find(wanted.name) != NULL) return OUTCOME_DONE;
  if (report.fd >= 0) {
    refuse(request->failure, ERROR_BUSY, "volume %s is being mounted", making.name);
    return OUTCOME_REFUSED;
  }
  if (find("") == NULL) {
    refuse(request->failure, ERROR_BUSY, "there are %d volumes that others serve", REMOTES_MAX);
    return OUTCOME_REFUSED;
  }
  making = wanted;
  asker = request->pending;
  return start(request, &wanted, timeout_ms / 1000 + 1) ? OUTCOME_LATER : OUTCOME_REFUSED;
}
