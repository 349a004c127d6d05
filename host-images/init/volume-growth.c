#include "volume-growth.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "disks.h"
#include "files.h"
#include "helper.h"
#include "loop.h"
#include "wire.h"

/* linux/ext4.h is no header of the kernel's for programs. */
#define EXT4_IOC_RESIZE_FS _IOW('f', 16, uint64_t)

enum { SECTOR = 512, DEFAULT_TIMEOUT_MS = 2000, TIMEOUT_MAX_MS = 60000, PATH_SIZE = 128 };

/* The one volume that grows. */
static struct growing {
  struct disk_of_volume disk;
  uint64_t wanted_bytes;
  uint64_t bytes; /* of its device */
} growing;
static struct pending asker;
static uint64_t deadline_ms;
static struct watch report = {.fd = -1};

static uint64_t device_bytes(dev_t device) {
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "/sys/dev/block/%u:%u/size", major(device), minor(device));
  return SECTOR * file_number(path, "");
}

/* In the helper. A file system that has the size already stays as it is. */
static void grow(const void *context) {
  const struct growing *volume = context;
  struct statfs status;
  int folder = open(volume->disk.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool known = folder >= 0 && fstatfs(folder, &status) == 0;
  uint64_t blocks = known ? volume->bytes / (uint64_t)status.f_bsize : 0;
  bool grown = known && ioctl(folder, EXT4_IOC_RESIZE_FS, &blocks) == 0;
  helper_tell(grown ? 0 : errno);
}

static void end(const struct failure *failure) {
  growing.disk.id[0] = '\0';
  if (failure == NULL) {
    control_answer(&asker, NULL);
  } else {
    control_refuse(&asker, failure);
  }
}

static void grown(struct watch *watch, uint32_t events) {
  (void)events;
  struct failure failure = {0};
  int error = ECHILD;
  ssize_t got = read(watch->fd, &error, sizeof error);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  loop_close(watch);
  if (error == 0) {
    end(NULL);
    return;
  }
  errno = error;
  refuse_errno(&failure, "grow the file system of volume %s", growing.disk.volume);
  if (error == ENOTTY) failure.kind = ERROR_UNSUPPORTED;
  end(&failure);
}

/* OUTCOME_LATER while the device is too small, or its file system grows. */
static enum outcome try_to_grow(struct failure *failure) {
  growing.bytes = device_bytes(growing.disk.device);
  if (growing.bytes < growing.wanted_bytes) return OUTCOME_LATER;
  if (growing.disk.is_raw) return OUTCOME_DONE;
  if (helper_start(&report, grown, grow, &growing)) return OUTCOME_LATER;
  refuse_errno(failure, "start a process that grows volume %s", growing.disk.volume);
  return OUTCOME_REFUSED;
}

static bool waits_for_device(void) { return growing.disk.id[0] != '\0' && report.fd < 0; }

enum outcome volume_expand(struct request *request) {
  struct growing wanted = {.wanted_bytes = 0};
  uint32_t timeout_ms = DEFAULT_TIMEOUT_MS;
  if (!disk_of_volume(request->fields, &wanted.disk, request->failure)) return OUTCOME_REFUSED;
  field_u64(request->fields, TAG_SIZE, &wanted.wanted_bytes);
  field_u32(request->fields, TAG_TIMEOUT, &timeout_ms);
  /* A daemon that is gone asked for what only waits: this one takes its place. */
  bool taken = growing.disk.id[0] != '\0' && (report.fd >= 0 || asker.session == request->pending.session);
  if (taken) {
    refuse(request->failure, ERROR_BUSY, "disk %s is growing", growing.disk.id);
    return OUTCOME_REFUSED;
  }
  growing = wanted;
  enum outcome outcome = try_to_grow(request->failure);
  if (outcome == OUTCOME_LATER) {
    asker = request->pending;
    deadline_ms = loop_now_ms() + (timeout_ms < TIMEOUT_MAX_MS ? timeout_ms : TIMEOUT_MAX_MS);
  } else {
    growing.disk.id[0] = '\0';
  }
  return outcome;
}

void volume_growth_look(void) {
  struct failure failure = {0};
  if (!waits_for_device()) return;
  enum outcome outcome = try_to_grow(&failure);
  if (outcome == OUTCOME_DONE) end(NULL);
  if (outcome == OUTCOME_LATER && waits_for_device() && loop_now_ms() >= deadline_ms) {
    refuse(&failure, ERROR_NOT_FOUND, "disk %s has %" PRIu64 " bytes, expected %" PRIu64, growing.disk.id,
           growing.bytes, growing.wanted_bytes);
    outcome = OUTCOME_REFUSED;
  }
  if (outcome == OUTCOME_REFUSED) end(&failure);
}

int volume_growth_timeout_ms(void) { return loop_ms_until(waits_for_device() ? deadline_ms : LOOP_NEVER); }
