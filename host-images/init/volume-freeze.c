#include "volume-freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "disks.h"
#include "helper.h"
#include "loop.h"
#include "wire.h"

enum { DEFAULT_TIMEOUT_MS = 10000, TIMEOUT_MAX_MS = 60000 };

/* The one volume that is frozen, by a helper that thaws it: whatever becomes of the host's daemon, and also when PID 1
   itself waits for a file of the volume. */
static struct frozen {
  struct disk_of_volume disk;
  int timeout_ms;
} frozen;
static struct watch report = {.fd = -1};
static bool is_frozen;
static struct pending freezer;
static struct pending thawer;

static int call(const char *folder, unsigned request) {
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return errno;
  int error = ioctl(file, (int)request, 0) == 0 ? 0 : errno;
  close(file);
  return error;
}

/* In the helper: says that the file system is frozen, and later, when it was thawed, whether that was asked for. */
static void freeze(const void *context) {
  const struct frozen *volume = context;
  struct pollfd end = {HELPER_END, POLLIN, 0};
  int error = call(volume->disk.folder, FIFREEZE);
  if (error != 0) {
    helper_tell(error);
    return;
  }
  char thaw;
  bool asked = helper_tell(0) && poll(&end, 1, volume->timeout_ms) > 0 && read(HELPER_END, &thaw, 1) == 1;
  error = call(volume->disk.folder, FITHAW);
  helper_tell(error == 0 && !asked ? ETIMEDOUT : error);
}

static void refuse_freezer(int error) {
  struct failure failure = {0};
  errno = error;
  refuse_errno(&failure, "freeze volume %s", frozen.disk.volume);
  control_refuse(&freezer, &failure);
}

static void refuse_thawer(void) {
  struct failure failure = {0};
  refuse(&failure, ERROR_WRONG_STATE, "volume %s was not frozen any more", frozen.disk.volume);
  control_refuse(&thawer, &failure);
}

static void hear(int error) {
  if (!is_frozen && error == 0) {
    is_frozen = true;
    control_answer(&freezer, NULL);
    return;
  }
  if (!is_frozen) refuse_freezer(error);
  if (error == 0) control_answer(&thawer, NULL);
  if (error != 0 && thawer.id != 0) refuse_thawer();
  is_frozen = false;
  loop_close(&report);
}

static void told(struct watch *watch, uint32_t events) {
  (void)events;
  while (watch->fd >= 0) {
    int error = 0;
    ssize_t got = read(watch->fd, &error, sizeof error);
    /* A thaw that came too late, and that the process had not read when it ended, is told before its last words. */
    if (got < 0 && (errno == EINTR || errno == ECONNRESET)) continue;
    if (got < 0) return;
    if (got == 0) {
      /* It was killed. What it froze is thawed here. */
      call(frozen.disk.folder, FITHAW);
      error = ECHILD;
    }
    hear(error);
  }
}

enum outcome volume_freeze(struct request *request) {
  struct frozen wanted = {.timeout_ms = 0};
  uint32_t timeout_ms = DEFAULT_TIMEOUT_MS;
  if (!disk_of_volume(request->fields, &wanted.disk, request->failure)) return OUTCOME_REFUSED;
  field_u32(request->fields, TAG_TIMEOUT, &timeout_ms);
  wanted.timeout_ms = (int)(timeout_ms < TIMEOUT_MAX_MS ? timeout_ms : TIMEOUT_MAX_MS);
  if (wanted.disk.is_raw || wanted.disk.is_read_only) return OUTCOME_DONE;
  if (report.fd >= 0) {
    refuse(request->failure, ERROR_BUSY, "volume %s is frozen", frozen.disk.volume);
    return OUTCOME_REFUSED;
  }
  frozen = wanted;
  is_frozen = false;
  freezer = request->pending;
  thawer.id = 0;
  if (helper_start(&report, told, freeze, &frozen)) return OUTCOME_LATER;
  refuse_errno(request->failure, "start a process that freezes volume %s", frozen.disk.volume);
  return OUTCOME_REFUSED;
}

enum outcome volume_thaw(struct request *request) {
  struct disk_of_volume disk;
  if (!disk_of_volume(request->fields, &disk, request->failure)) return OUTCOME_REFUSED;
  if (disk.is_raw || disk.is_read_only) return OUTCOME_DONE;
  if (report.fd < 0 || strcmp(disk.id, frozen.disk.id) != 0) {
    refuse(request->failure, ERROR_WRONG_STATE, "volume %s is not frozen", disk.volume);
    return OUTCOME_REFUSED;
  }
  thawer = request->pending;
  if (write(report.fd, "", 1) == 1) return OUTCOME_LATER;
  refuse_errno(request->failure, "thaw volume %s", disk.volume);
  return OUTCOME_REFUSED;
}
