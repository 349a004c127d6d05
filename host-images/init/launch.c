#include "launch.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroups.h"
#include "child.h"
#include "pause.h"
#include "report.h"
#include "wire.h"

enum { FAILED_CHILD = 128 };

_Noreturn void child_fail(const struct child *child, const char *format, ...) {
  char text[500];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  report_send(child->report, REPORT_FAILURE, text, -1);
  _exit(FAILED_CHILD);
}

/* A clone into a control group, with fork's meaning. */
static int clone_into(int cgroup, uint64_t namespaces, int *pidfd) {
  struct clone_args arguments;
  memset(&arguments, 0, sizeof arguments);
  arguments.flags = CLONE_PIDFD | CLONE_INTO_CGROUP | namespaces;
  arguments.pidfd = (uint64_t)(uintptr_t)pidfd;
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = (unsigned)cgroup;
  return (int)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/* Undoes what PID 1 set for itself alone. From here to execve nobody in the container may look into this process, not
   even one with the same user and capabilities: it is a copy of PID 1. */
static void reset_process(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setpriority(PRIO_PROCESS, 0, 0);
  setsid();
}

static _Noreturn void run_container(const struct child *child) {
  reset_process();
  child_keep_own(child);
  if (unshare(CLONE_NEWCGROUP) != 0) child_fail(child, "cgroup namespace: %s", strerror(errno));
  child_enter_root(child);
  child_execute(child);
}

static _Noreturn void run_exec(const struct child *child) {
  reset_process();
  if (setns(child->container->process.pidfd, CLONE_NEWNS | CLONE_NEWCGROUP) != 0) {
    child_fail(child, "enter the container's namespaces: %s", strerror(errno));
  }
  child_keep_own(child);
  if ((child->process->options & OPTION_TTY) != 0) child_take_terminal(child);
  child_execute(child);
}

static bool launch(struct child *child, struct process *process, uint64_t namespaces, struct pending start,
                   struct failure *failure) {
  int ends[2];
  int pidfd = -1;
  int cgroup = cgroup_open(child->container->process.container);
  if (cgroup < 0) return refuse_errno(failure, "open the control group");
  if (!report_pair(ends)) {
    close(cgroup);
    return refuse_errno(failure, "socketpair");
  }
  child->report = ends[1];
  int pid = clone_into(cgroup, namespaces, &pidfd);
  if (pid == 0 && process->exec_id != 0) run_exec(child);
  if (pid == 0) run_container(child);
  int error = errno;
  close(ends[1]);
  close(cgroup);
  if (pid < 0) {
    close(ends[0]);
    errno = error;
    return refuse_errno(failure, "clone");
  }
  process_starting(process, pid, pidfd, ends[0], start);
  return true;
}

/* As `launch`, but the child is born in the process namespace of another process. */
static bool launch_beside(int pidfd, struct child *child, struct process *process, uint64_t namespaces,
                          struct pending start, struct failure *failure) {
  static int own_pid_namespace = -1;
  if (own_pid_namespace < 0) own_pid_namespace = (int)syscall(SYS_pidfd_open, getpid(), 0);
  /* Children of PID 1 are born in that namespace from here on, and no longer after the clone. */
  if (setns(pidfd, CLONE_NEWPID) != 0) return refuse_errno(failure, "enter a process namespace");
  bool launched = launch(child, process, namespaces, start, failure);
  setns(own_pid_namespace, CLONE_NEWPID);
  return launched;
}

/* The process whose namespace the container asks for, or -1 with a failure. */
static int target_process(const struct container *container, struct failure *failure) {
  char id[ID_SIZE];
  if (!id_field(container_definition(container), TAG_TARGET_CONTAINER, id, failure)) return -1;
  const struct container *target = container_find(id);
  if (target != NULL && target->process.state == PROCESS_RUNNING) return target->process.pidfd;
  refuse(failure, ERROR_START_FAILED, "container %s, whose processes are to be seen, does not run", id);
  return -1;
}

bool launch_container(struct container *container, struct pending start, struct failure *failure) {
  struct child child = {.container = container, .process = &container->process};
  uint32_t namespace = NAMESPACE_OWN;
  field_u32(container_definition(container), TAG_PROCESS_NAMESPACE, &namespace);
  if (namespace == NAMESPACE_OWN) {
    return launch(&child, &container->process, CLONE_NEWNS | CLONE_NEWPID, start, failure);
  }
  if (namespace == NAMESPACE_MACHINE) return launch(&child, &container->process, CLONE_NEWNS, start, failure);
  int pidfd = namespace == NAMESPACE_POD ? pause_process() : target_process(container, failure);
  if (pidfd < 0) return namespace == NAMESPACE_POD && refuse_errno(failure, "start the pause process");
  return launch_beside(pidfd, &child, &container->process, CLONE_NEWNS, start, failure);
}

bool launch_exec(struct container *container, struct process *exec, struct span fields, struct pending start,
                 struct failure *failure) {
  struct child child = {.container = container, .process = exec, .own = fields};
  return launch_beside(container->process.pidfd, &child, exec, 0, start, failure);
}
