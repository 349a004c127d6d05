#include "requests.h"

#include "configure.h"
#include "connections.h"
#include "containers.h"
#include "disks.h"
#include "execs.h"
#include "loop.h"
#include "power.h"
#include "remote.h"
#include "streams.h"
#include "sub-path.h"
#include "volume-freeze.h"
#include "volume-growth.h"
#include "volumes.h"
#include "wire.h"

enum { SIGNAL_MAX = 64 };

/* The process that a request names by CONTAINER or EXEC_ID. */
static struct process *process_of(struct request *request) {
  uint32_t exec_id = 0;
  if (field_u32(request->fields, TAG_EXEC_ID, &exec_id) == ABSENT) {
    struct container *container = container_of(request);
    return container == NULL ? NULL : &container->process;
  }
  struct process *exec = exec_find(exec_id);
  if (exec == NULL) refuse(request->failure, ERROR_NOT_FOUND, "there is no exec %u", exec_id);
  return exec;
}

static enum outcome signal_process(struct request *request) {
  uint32_t number = 0;
  uint32_t every = 0;
  const uint32_t kill = 9;
  struct process *process = process_of(request);
  if (process == NULL) return OUTCOME_REFUSED;
  field_u32(request->fields, TAG_SIGNAL_NUMBER, &number);
  field_u32(request->fields, TAG_EVERY_PROCESS, &every);
  if (number == 0 || number > SIGNAL_MAX || (every != 0 && number != kill)) {
    refuse(request->failure, ERROR_INVALID, "SIGNAL_NUMBER is %u, expected 1 to %d, and 9 for every process", number,
           SIGNAL_MAX);
    return OUTCOME_REFUSED;
  }
  if (process->state == PROCESS_CREATED) {
    refuse(request->failure, ERROR_WRONG_STATE, "container %s was not started", process->container);
    return OUTCOME_REFUSED;
  }
  if (process_signal(process, (int)number)) return OUTCOME_DONE;
  refuse_errno(request->failure, "signal %u", number);
  return OUTCOME_REFUSED;
}

static enum outcome resize(struct request *request) {
  uint32_t columns = 0;
  uint32_t rows = 0;
  struct process *process = process_of(request);
  if (process == NULL) return OUTCOME_REFUSED;
  field_u32(request->fields, TAG_COLUMNS, &columns);
  field_u32(request->fields, TAG_ROWS, &rows);
  if (columns > UINT16_MAX || rows > UINT16_MAX) {
    refuse(request->failure, ERROR_INVALID, "COLUMNS and ROWS have at most 16 bits");
    return OUTCOME_REFUSED;
  }
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  if (process_resize(process, size)) return OUTCOME_DONE;
  refuse_errno(request->failure, "resize");
  return OUTCOME_REFUSED;
}

static enum outcome list(struct request *request) {
  containers_list(request->answer);
  execs_list(request->answer);
  streams_list(request->answer);
  disks_list(request->answer);
  volumes_list(request->answer);
  return OUTCOME_DONE;
}

static enum outcome ping(struct request *request) {
  write_u64(request->answer, TAG_CLOCK, wall_clock_ns());
  return OUTCOME_DONE;
}

static enum outcome power_off(struct request *request) {
  (void)request;
  power_off_soon();
  return OUTCOME_DONE;
}

static const struct {
  uint8_t type;
  enum outcome (*carry_out)(struct request *request);
} handlers[] = {
    {TYPE_CONFIGURE, configure},
    {TYPE_MOUNT_DISK, disk_mount},
    {TYPE_UNMOUNT_DISK, disk_unmount},
    {TYPE_WRITE_VOLUME, volume_write},
    {TYPE_UPDATE_VOLUME, volume_update},
    {TYPE_MOUNT_VOLUME, remote_mount},
    {TYPE_PREPARE_SUB_PATH, sub_path_prepare},
    {TYPE_READ_FILE, sub_path_read},
    {TYPE_EXPAND_VOLUME, volume_expand},
    {TYPE_FREEZE_VOLUME, volume_freeze},
    {TYPE_THAW_VOLUME, volume_thaw},
    {TYPE_CREATE_CONTAINER, container_create},
    {TYPE_START_CONTAINER, container_start},
    {TYPE_SIGNAL, signal_process},
    {TYPE_REMOVE_CONTAINER, container_remove},
    {TYPE_UPDATE_CONTAINER, container_update},
    {TYPE_EXEC, exec_start},
    {TYPE_RESIZE, resize},
    {TYPE_CONNECT, connection_open},
    {TYPE_LIST, list},
    {TYPE_STATS, containers_stats},
    {TYPE_PING, ping},
    {TYPE_POWER_OFF, power_off},
};

enum outcome requests_carry_out(uint8_t type, struct request *request) {
  for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
    if (handlers[i].type == type) return handlers[i].carry_out(request);
  }
  refuse(request->failure, ERROR_UNSUPPORTED, "request type 0x%02x", type);
  return OUTCOME_REFUSED;
}
