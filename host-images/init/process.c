#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroups.h"
#include "containers.h"
#include "events.h"
#include "report.h"
#include "streams.h"
#include "wire.h"

struct process *processes;

static void close_end(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static bool open_pipe(struct process *process, int which) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  int ours = which == STDIN ? ends[1] : ends[0];
  process->ends[which] = which == STDIN ? ends[0] : ends[1];
  fcntl(ours, F_SETFL, O_NONBLOCK);
  process->streams[which] = stream_open(which == STDIN ? STREAM_TO_GUEST : STREAM_TO_HOST, ours);
  return process->streams[which] != 0;
}

bool process_init(struct process *process, uint32_t options, struct failure *failure) {
  static const uint32_t bits[STDIO_COUNT] = {OPTION_STDIN, OPTION_STDOUT, OPTION_STDERR};
  bool terminal = (options & OPTION_TTY) != 0;
  *process = (struct process){.options = options,
                              .pid = 0,
                              .pidfd = -1,
                              .ends = {-1, -1, -1},
                              .terminal = -1,
                              .size = {.ws_row = 24, .ws_col = 80},
                              .report = {.fd = -1}};
  if (streams_free() < STDIO_COUNT) return refuse(failure, ERROR_BUSY, "%d streams are open", STREAMS_MAX);
  process->next = processes;
  processes = process;
  for (int which = STDIN; which < STDIO_COUNT; which++) {
    if ((options & bits[which]) == 0 || (terminal && which == STDERR)) continue;
    if (terminal) {
      process->streams[which] = stream_open(which == STDIN ? STREAM_TO_GUEST : STREAM_TO_HOST, -1);
    } else if (!open_pipe(process, which)) {
      refuse_errno(failure, "pipe");
      process_forget(process, false);
      return false;
    }
  }
  return true;
}

static void let_go(struct process *process) {
  for (int which = STDIN; which < STDIO_COUNT; which++) close_end(&process->ends[which]);
  close_end(&process->pidfd);
  close_end(&process->terminal);
  loop_close(&process->report);
}

void process_forget(struct process *process, bool keep_streams) {
  let_go(process);
  for (int which = STDIN; which < STDIO_COUNT && !keep_streams; which++) stream_close(process->streams[which]);
  for (struct process **link = &processes; *link != NULL; link = &(*link)->next) {
    if (*link != process) continue;
    *link = process->next;
    break;
  }
}

/* The child could not become the program and has ended: says why to who waits, and keeps the text. */
static void start_failed(struct process *process) {
  struct failure failure = {.kind = ERROR_START_FAILED};
  if (process->message[0] == '\0') {
    snprintf(process->message, sizeof process->message, "the process was killed while it was being started");
  }
  memcpy(failure.message, process->message, sizeof failure.message);
  process->state = PROCESS_EXITED;
  process->exit_code = 128;
  process->finished_at = wall_clock_ns();
  control_refuse(&process->start, &failure);
  let_go(process);
  /* The streams of an exec that never was are nobody's. */
  for (int which = STDIN; which < STDIO_COUNT && process->exec_id != 0; which++) {
    stream_close(process->streams[which]);
    process->streams[which] = 0;
  }
}

static void started(struct process *process) {
  struct writer answer = {.limit = 4096};
  process->state = PROCESS_RUNNING;
  if (process->exec_id == 0) container_runs(process->container);
  if (process->exec_id != 0) write_u32(&answer, TAG_EXEC_ID, process->exec_id);
  write_u32(&answer, TAG_PID, (uint32_t)process->pid);
  write_u64(&answer, TAG_STARTED_AT, process->started_at);
  if (process->exec_id != 0) process_write_streams(process, &answer);
  if (process->exec_id == 0) container_write_identity(process->container, &answer);
  control_answer(&process->start, &answer);
  writer_free(&answer);
}

/* The child made its terminal and passes it on. */
static void take_terminal(struct process *process, int master) {
  fcntl(master, F_SETFL, O_NONBLOCK);
  ioctl(master, TIOCSWINSZ, &process->size);
  process->terminal = master;
  for (int which = STDIN; which <= STDOUT; which++) {
    if (process->streams[which] != 0) stream_connect(process->streams[which], fcntl(master, F_DUPFD_CLOEXEC, 3));
  }
}

/* Takes in what the child says. Whether it failed is decided when it has ended. */
static void report_ready(struct watch *watch, uint32_t events) {
  (void)events;
  struct process *process = (struct process *)((char *)watch - offsetof(struct process, report));
  while (process->report.fd >= 0) {
    struct report report;
    enum report_kind kind = report_receive(watch->fd, &report);
    if (kind == REPORT_NONE) return;
    if (kind == REPORT_TERMINAL) take_terminal(process, report.fd);
    if (kind == REPORT_IDENTITY) container_is(process->container, report.text, report.length);
    if (kind == REPORT_READY) process->reported_ready = true;
    if (kind == REPORT_FAILURE) snprintf(process->message, sizeof process->message, "%s", report.text);
    if (kind != REPORT_END) continue;
    loop_close(watch);
    if (process->reported_ready && process->message[0] == '\0') started(process);
  }
}

void process_starting(struct process *process, int pid, int pidfd, int report, struct pending start) {
  process->pid = pid;
  process->pidfd = pidfd;
  process->start = start;
  process->state = PROCESS_STARTING;
  process->started_at = wall_clock_ns();
  for (int which = STDIN; which < STDIO_COUNT; which++) close_end(&process->ends[which]);
  process->report = (struct watch){report, report_ready};
  if (!loop_add(&process->report)) process_signal(process, SIGKILL);
}

static void exited(struct process *process, int status) {
  /* What the child said comes before its end. */
  if (process->state == PROCESS_STARTING) report_ready(&process->report, 0);
  process->pid = 0;
  if (process->exec_id == 0) cgroup_kill(process->container);
  if (process->state != PROCESS_RUNNING) {
    start_failed(process);
    return;
  }
  process->state = PROCESS_EXITED;
  process->finished_at = wall_clock_ns();
  process->exit_signal = WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0;
  process->exit_code = WIFSIGNALED(status) ? 128 + process->exit_signal : (uint32_t)WEXITSTATUS(status);
  if (process->exec_id == 0) process->oom_killed = cgroup_was_oom_killed(process->container);
  process->event = event_number();
  process->event_told = false;
  let_go(process);
}

void processes_reap(void) {
  int status;
  for (;;) {
    int pid = waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return;
    for (struct process *process = processes; process != NULL; process = process->next) {
      if (process->pid != pid) continue;
      exited(process, status);
      break;
    }
  }
}

bool process_resize(struct process *process, struct winsize size) {
  process->size = size;
  return process->terminal < 0 || ioctl(process->terminal, TIOCSWINSZ, &size) == 0;
}

bool process_signal(struct process *process, int number) {
  if (process->pidfd < 0) return true;
  return syscall(SYS_pidfd_send_signal, process->pidfd, number, NULL, 0) == 0 || errno == ESRCH;
}

void process_write_streams(const struct process *process, struct writer *answer) {
  static const uint16_t tags[STDIO_COUNT] = {TAG_STDIN, TAG_STDOUT, TAG_STDERR};
  for (int which = STDIN; which < STDIO_COUNT; which++) {
    if (process->streams[which] != 0) write_u32(answer, tags[which], process->streams[which]);
  }
}

void process_describe(const struct process *process, struct writer *answer) {
  static const uint32_t states[] = {1, 1, 2, 3};
  write_u32(answer, TAG_CONTAINER_STATE, states[process->state]);
  if (process->pid > 0) write_u32(answer, TAG_PID, (uint32_t)process->pid);
  if (process->started_at != 0) write_u64(answer, TAG_STARTED_AT, process->started_at);
  if (process->state == PROCESS_EXITED) {
    write_u64(answer, TAG_FINISHED_AT, process->finished_at);
    write_u32(answer, TAG_EXIT_CODE, process->exit_code);
    write_u32(answer, TAG_EXIT_SIGNAL, process->exit_signal);
    write_u32(answer, TAG_OOM_KILLED, process->oom_killed);
  }
  if (process->message[0] != '\0') write_string(answer, TAG_MESSAGE, process->message);
  process_write_streams(process, answer);
}
