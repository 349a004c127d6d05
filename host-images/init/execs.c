#include "execs.h"

#include "containers.h"
#include "launch.h"
#include "wire.h"

static struct process table[EXECS_MAX]; /* exec_id 0: free */
static uint32_t last_id;

struct process *exec_find(uint32_t id) {
  for (size_t i = 0; id != 0 && i < EXECS_MAX; i++) {
    if (table[i].exec_id == id) return &table[i];
  }
  return NULL;
}

void exec_forget(struct process *exec) {
  process_forget(exec, true);
  exec->exec_id = 0;
}

/* Those that never started: their request was answered, and there is no event. */
static void sweep(void) {
  for (size_t i = 0; i < EXECS_MAX; i++) {
    struct process *exec = &table[i];
    bool over = exec->exec_id != 0 && exec->state == PROCESS_EXITED && exec->event == 0;
    if (over) exec_forget(exec);
  }
}

static bool request_is_good(struct request *request, const struct container *container) {
  struct span argument;
  struct span rest = request->fields;
  struct field field;
  if (container->process.state != PROCESS_RUNNING) {
    return refuse(request->failure, ERROR_WRONG_STATE, "container %s does not run", container->process.container);
  }
  bool has_argument = field_find(request->fields, TAG_ARG, &argument);
  if (!has_argument) return refuse(request->failure, ERROR_INVALID, "ARG is missing");
  while (field_next(&rest, &field)) {
    bool text = field.tag == TAG_ARG || field.tag == TAG_ENV || field.tag == TAG_CWD || field.tag == TAG_USER;
    if (text && span_has_nul(field.value)) {
      return refuse(request->failure, ERROR_INVALID, "field %u has a NUL", field.tag);
    }
  }
  return true;
}

enum outcome exec_start(struct request *request) {
  struct process *exec = NULL;
  uint32_t options = 0;
  struct container *container = container_of(request);
  if (container == NULL || !request_is_good(request, container)) return OUTCOME_REFUSED;
  sweep();
  for (size_t i = 0; i < EXECS_MAX && exec == NULL; i++) {
    if (table[i].exec_id == 0) exec = &table[i];
  }
  if (exec == NULL) {
    refuse(request->failure, ERROR_BUSY, "%d execs run", EXECS_MAX);
    return OUTCOME_REFUSED;
  }
  field_u32(request->fields, TAG_OPTIONS, &options);
  if (!process_init(exec, options, request->failure)) return OUTCOME_REFUSED;
  exec->exec_id = ++last_id;
  memcpy(exec->container, container->process.container, ID_SIZE);
  if (launch_exec(container, exec, request->fields, request->pending, request->failure)) return OUTCOME_LATER;
  process_forget(exec, false);
  exec->exec_id = 0;
  return OUTCOME_REFUSED;
}

void execs_list(struct writer *answer) {
  sweep();
  for (size_t i = 0; i < EXECS_MAX; i++) {
    if (table[i].exec_id == 0) continue;
    size_t group = write_group_begin(answer, TAG_EXEC_GROUP);
    write_u32(answer, TAG_EXEC_ID, table[i].exec_id);
    write_string(answer, TAG_CONTAINER, table[i].container);
    process_describe(&table[i], answer);
    write_group_end(answer, group);
  }
}
