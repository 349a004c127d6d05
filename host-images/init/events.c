#include "events.h"

#include "execs.h"
#include "pressure.h"
#include "process.h"
#include "termination.h"
#include "wire.h"

uint32_t event_number(void) {
  static uint32_t last;
  return ++last;
}

void events_repeat(void) {
  pressure_repeat();
  for (struct process *process = processes; process != NULL; process = process->next) process->event_told = false;
}

/* Events go out in the order in which they happened. */
static struct process *oldest_due(void) {
  struct process *oldest = NULL;
  for (struct process *process = processes; process != NULL; process = process->next) {
    if (process->event == 0 || process->event_told) continue;
    if (oldest == NULL || process->event < oldest->event) oldest = process;
  }
  return oldest;
}

bool events_next(uint8_t *type, uint32_t *number, struct writer *event) {
  struct process *process = oldest_due();
  if (process == NULL) return pressure_next(type, number, event);
  process->event_told = true;
  *type = process->exec_id != 0 ? TYPE_EXEC_EXITED : TYPE_CONTAINER_EXITED;
  *number = process->event;
  if (process->exec_id != 0) write_u32(event, TAG_EXEC_ID, process->exec_id);
  write_string(event, TAG_CONTAINER, process->container);
  write_u32(event, TAG_EXIT_CODE, process->exit_code);
  write_u32(event, TAG_EXIT_SIGNAL, process->exit_signal);
  write_u32(event, TAG_OOM_KILLED, process->oom_killed);
  write_u64(event, TAG_STARTED_AT, process->started_at);
  write_u64(event, TAG_FINISHED_AT, process->finished_at);
  if (process->exec_id == 0) termination_describe(process->container, event);
  return true;
}

void events_acknowledge(uint32_t number) {
  pressure_acknowledged(number);
  for (struct process *process = processes; process != NULL; process = process->next) {
    if (number == 0 || process->event != number) continue;
    process->event = 0;
    if (process->exec_id != 0) exec_forget(process);
    return;
  }
}
