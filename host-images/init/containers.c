#include "containers.h"

#include <limits.h>
#include <linux/filter.h>
#include <stdlib.h>

#include "capabilities.h"
#include "cgroups.h"
#include "disks.h"
#include "launch.h"
#include "log.h"
#include "pod-disk.h"
#include "ready.h"
#include "rehearsal.h"
#include "tally.h"
#include "termination.h"
#include "usage.h"
#include "wire.h"

/* All definitions together: what the host can make PID 1 keep. */
enum { DEFINITIONS_MAX = 8 * 1024 * 1024, STATS_ASKERS_MAX = 8 };

static struct container table[CONTAINERS_MAX];
static size_t definitions_length;

static bool is_free(const struct container *container) { return container->process.container[0] == '\0'; }

struct container *container_find(const char *id) {
  for (size_t i = 0; i < CONTAINERS_MAX; i++) {
    if (!is_free(&table[i]) && strcmp(table[i].process.container, id) == 0) return &table[i];
  }
  return NULL;
}

struct container *container_of(struct request *request) {
  char id[ID_SIZE];
  if (!id_field(request->fields, TAG_CONTAINER, id, request->failure)) return NULL;
  struct container *container = container_find(id);
  if (container == NULL) refuse(request->failure, ERROR_NOT_FOUND, "there is no container %s", id);
  return container;
}

static bool path_is_good(struct span path) {
  return path.length > 0 && path.length < PATH_MAX && path.bytes[0] == '/' && !span_has_nul(path);
}

static bool mount_is_good(struct span mount, struct failure *failure) {
  uint32_t kind = 0;
  struct span target = {NULL, 0};
  char source[ID_SIZE] = "";
  if (!fields_are_whole(mount)) return refuse(failure, ERROR_INVALID, "MOUNT: ends within a field");
  field_find(mount, TAG_MOUNT_TARGET, &target);
  if (!path_is_good(target)) return refuse(failure, ERROR_INVALID, "MOUNT_TARGET: expected an absolute path");
  field_u32(mount, TAG_MOUNT_KIND, &kind);
  field_string(mount, TAG_MOUNT_SOURCE, source, sizeof source);
  if (kind == MOUNT_TMPFS || ((kind == MOUNT_VOLUME || kind == MOUNT_DISK) && id_is_good(source))) return true;
  return refuse(failure, ERROR_INVALID, "MOUNT: expected a tmpfs, or a volume or a disk with its name");
}

/* Whole instructions, and no more than the kernel takes; it looks at the program itself. */
static bool filter_is_good(struct span program, struct failure *failure) {
  const size_t size = sizeof(struct sock_filter);
  if (program.length > 0 && program.length % size == 0 && program.length <= BPF_MAXINSNS * size) return true;
  return refuse(failure, ERROR_INVALID, "SECCOMP: expected 1 to %d instructions", BPF_MAXINSNS);
}

/* Looks at what the child will read, where an answer can still be given. */
static bool definition_is_good(struct span fields, struct failure *failure) {
  struct field field;
  bool has_argument = false;
  while (field_next(&fields, &field)) {
    bool text = field.tag == TAG_ARG || field.tag == TAG_ENV || field.tag == TAG_CWD || field.tag == TAG_USER;
    if (text && span_has_nul(field.value)) return refuse(failure, ERROR_INVALID, "field %u has a NUL", field.tag);
    if (field.tag == TAG_CWD && field.value.length > 0 && !path_is_good(field.value)) {
      return refuse(failure, ERROR_INVALID, "CWD: expected an absolute path");
    }
    if (field.tag == TAG_TERMINATION_PATH && !path_is_good(field.value)) {
      return refuse(failure, ERROR_INVALID, "TERMINATION_PATH: expected an absolute path");
    }
    if (field.tag == TAG_GROUP_ID && field.value.length != 4) return refuse(failure, ERROR_INVALID, "GROUP_ID: u32");
    if (field.tag == TAG_SECCOMP && !filter_is_good(field.value, failure)) return false;
    if (field.tag == TAG_MOUNT && !mount_is_good(field.value, failure)) return false;
    has_argument |= field.tag == TAG_ARG;
  }
  return has_argument || refuse(failure, ERROR_INVALID, "ARG is missing");
}

static bool keep_definition(struct container *container, struct span fields, struct failure *failure) {
  bool fits = definitions_length + fields.length <= DEFINITIONS_MAX;
  container->definition = fits ? malloc(fields.length) : NULL;
  if (container->definition == NULL) return refuse(failure, ERROR_BUSY, "the containers' definitions are too long");
  memcpy(container->definition, fields.bytes, fields.length);
  container->definition_length = fields.length;
  definitions_length += fields.length;
  return true;
}

/* What a slot holds; of a container that was not made, that is not all. */
static void forget(struct container *container) {
  if (!is_free(container)) {
    termination_remove(container->process.container);
    cgroup_remove(container->process.container);
    pod_disk_drop_layer(container->process.container);
    ready_leave(container->process.container);
  }
  disk_unuse(container->disk);
  definitions_length -= container->definition_length;
  free(container->definition);
  free(container->identity);
  memset(container, 0, sizeof *container);
}

static struct container *free_slot(void) {
  for (size_t i = 0; i < CONTAINERS_MAX; i++) {
    if (is_free(&table[i])) return &table[i];
  }
  return NULL;
}

/* A rehearsal is for what comes after it; other devices are another filter in the control group. */
static bool takes_ready(const struct container *container, struct span fields, bool privileged) {
  struct span device;
  return !privileged && !field_find(fields, TAG_DEVICE, &device) && strcmp(container->disk, REHEARSAL_DISK) != 0;
}

static bool fill_slot(struct container *container, const char *id, struct request *request) {
  struct failure *failure = request->failure;
  uint32_t options = 0;
  char error[256];
  if (field_string(request->fields, TAG_DISK, container->disk, ID_SIZE) != FOUND || !disk_use(container->disk)) {
    container->disk[0] = '\0';
    return refuse(failure, ERROR_NOT_FOUND, "container %s: its image disk is not mounted", id);
  }
  field_u32(request->fields, TAG_OPTIONS, &options);
  bool privileged = (options & OPTION_PRIVILEGED) != 0;
  if (!capabilities_of(request->fields, privileged, &container->capabilities, error, sizeof error)) {
    return refuse(failure, ERROR_INVALID, "container %s: %s", id, error);
  }
  if (!keep_definition(container, request->fields, failure)) return false;
  if (takes_ready(container, request->fields, privileged)) ready_take(id);
  if (!termination_make(id, request->fields, failure)) return false;
  if (!cgroup_create(id, request->fields, privileged, failure)) return false;
  uint32_t streams = OPTION_STDOUT | OPTION_STDERR;
  if (process_init(&container->process, options | streams, failure)) return true;
  cgroup_remove(id);
  return false;
}

enum outcome container_create(struct request *request) {
  char id[ID_SIZE];
  struct failure *failure = request->failure;
  if (!id_field(request->fields, TAG_CONTAINER, id, failure)) return OUTCOME_REFUSED;
  if (!definition_is_good(request->fields, failure)) return OUTCOME_REFUSED;
  if (container_find(id) != NULL) {
    refuse(failure, ERROR_EXISTS, "container %s exists", id);
    return OUTCOME_REFUSED;
  }
  struct container *container = free_slot();
  if (container == NULL) {
    refuse(failure, ERROR_BUSY, "there are %d containers", CONTAINERS_MAX);
    return OUTCOME_REFUSED;
  }
  if (!fill_slot(container, id, request)) {
    container->process.container[0] = '\0';
    termination_remove(id);
    ready_leave(id);
    forget(container);
    return OUTCOME_REFUSED;
  }
  memcpy(container->process.container, id, sizeof id);
  process_write_streams(&container->process, request->answer);
  return OUTCOME_DONE;
}

enum outcome container_start(struct request *request) {
  struct container *container = container_of(request);
  if (container == NULL) return OUTCOME_REFUSED;
  if (container->process.state != PROCESS_CREATED) {
    refuse(request->failure, ERROR_WRONG_STATE, "container %s was started before", container->process.container);
    return OUTCOME_REFUSED;
  }
  if (!launch_container(container, request->pending, request->failure)) return OUTCOME_REFUSED;
  return OUTCOME_LATER;
}

enum outcome container_remove(struct request *request) {
  char id[ID_SIZE];
  if (!id_field(request->fields, TAG_CONTAINER, id, request->failure)) return OUTCOME_REFUSED;
  struct container *container = container_find(id);
  if (container == NULL) return OUTCOME_DONE;
  if (container->process.state != PROCESS_CREATED && container->process.state != PROCESS_EXITED) {
    refuse(request->failure, ERROR_WRONG_STATE, "container %s runs", id);
    return OUTCOME_REFUSED;
  }
  process_forget(&container->process, false);
  forget(container);
  return OUTCOME_DONE;
}

enum outcome container_update(struct request *request) {
  struct container *container = container_of(request);
  if (container == NULL) return OUTCOME_REFUSED;
  bool done = cgroup_update(container->process.container, request->fields, request->failure);
  container->has_cpu_limit |= done;
  return done ? OUTCOME_DONE : OUTCOME_REFUSED;
}

void container_runs(const char *id) {
  const struct container *container = container_find(id);
  uint64_t quota = 0;
  struct failure failure;
  if (container == NULL || container->has_cpu_limit) return;
  if (field_u64(container_definition(container), TAG_CPU_QUOTA, &quota) != FOUND || quota == 0) return;
  bool limited = cgroup_limit_cpu(id, container_definition(container), &failure);
  if (!limited) log_line("container %s: %s", id, failure.message);
}

void container_is(const char *id, const void *identity, size_t length) {
  struct container *container = container_find(id);
  uint8_t *kept = container == NULL ? NULL : malloc(length);
  if (kept == NULL) return;
  memcpy(kept, identity, length);
  free(container->identity);
  container->identity = kept;
  container->identity_length = length;
}

void container_write_identity(const char *id, struct writer *answer) {
  const struct container *container = container_find(id);
  if (container == NULL || container->identity == NULL) return;
  write_bytes(answer, TAG_IDENTITY, container->identity, container->identity_length);
}

static void write_stats(const struct container *container, struct writer *answer) {
  size_t group = write_group_begin(answer, TAG_CONTAINER_GROUP);
  write_string(answer, TAG_CONTAINER, container->process.container);
  usage_describe_container(container->process.container, container->process.pid, answer);
  write_group_end(answer, group);
}

static void write_all_stats(struct writer *answer) {
  usage_describe_machine(answer);
  usage_describe_volumes(answer);
  for (size_t i = 0; i < CONTAINERS_MAX; i++) {
    if (!is_free(&table[i]) && table[i].process.state == PROCESS_RUNNING) write_stats(&table[i], answer);
  }
}

/* Who waits for what takes long to count. */
static struct pending stats_askers[STATS_ASKERS_MAX];

static void all_counted(void) {
  struct writer answer = {.limit = MESSAGE_MAX};
  write_all_stats(&answer);
  for (size_t i = 0; i < STATS_ASKERS_MAX; i++) {
    if (stats_askers[i].id != 0) control_answer(&stats_askers[i], &answer);
  }
  writer_free(&answer);
}

static enum outcome stats_later(struct request *request) {
  for (size_t i = 0; i < STATS_ASKERS_MAX; i++) {
    /* An asker of a session that is over waits no more. */
    if (stats_askers[i].id != 0 && stats_askers[i].session == request->pending.session) continue;
    if (!tally_begin(all_counted)) break;
    stats_askers[i] = request->pending;
    return OUTCOME_LATER;
  }
  refuse(request->failure, ERROR_BUSY, "what is used cannot be counted now");
  return OUTCOME_REFUSED;
}

enum outcome containers_stats(struct request *request) {
  struct span wanted;
  struct writer *answer = request->answer;
  if (field_find(request->fields, TAG_CONTAINER, &wanted)) {
    const struct container *container = container_of(request);
    if (container == NULL) return OUTCOME_REFUSED;
    write_stats(container, answer);
    return OUTCOME_DONE;
  }
  return stats_later(request);
}

void containers_list(struct writer *answer) {
  for (size_t i = 0; i < CONTAINERS_MAX; i++) {
    if (is_free(&table[i])) continue;
    size_t group = write_group_begin(answer, TAG_CONTAINER_GROUP);
    write_string(answer, TAG_CONTAINER, table[i].process.container);
    write_string(answer, TAG_DISK, table[i].disk);
    process_describe(&table[i].process, answer);
    container_write_identity(table[i].process.container, answer);
    if (table[i].process.state == PROCESS_EXITED) termination_describe(table[i].process.container, answer);
    write_group_end(answer, group);
  }
}
