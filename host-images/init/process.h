/* A process that the host asked for (a container's first one, or an exec): its start, its streams, its end. */
#pragma once

#include <sys/ioctl.h>

#include "control.h"
#include "ids.h"
#include "loop.h"



enum process_state { PROCESS_CREATED, PROCESS_STARTING, PROCESS_RUNNING, PROCESS_EXITED };

enum { STDIN, STDOUT, STDERR, STDIO_COUNT };

/* Lives in the table of containers or of execs; `next` is only for the list of all processes. */
struct process {
  struct process *next;
  char container[ID_SIZE];
  uint32_t exec_id; /* 0: the container's own process */
  enum process_state state;
  uint32_t options;
  int pid;
  int pidfd;
  uint32_t streams[STDIO_COUNT]; /* 0: none */
  int ends[STDIO_COUNT];         /* the process's own ends, until it has them; -1: /dev/null or a terminal */
  int terminal;                  /* for its size; -1: none */
  struct winsize size;
  struct watch report; /* what the child says on its way to execve */
  bool reported_ready;
  struct pending start;
  uint64_t started_at;
  uint64_t finished_at;
  uint32_t exit_code;
  uint32_t exit_signal;
  bool oom_killed;
  char message[512]; /* why it did not start */
  uint32_t event;    /* number of its exit's event; 0: none that waits for the host */
  bool event_told;
};

/* All processes, for those who look for one by its pid or event. */
extern struct process *processes;

/* Begins with pipes and streams as the options ask. False with a failure; then nothing is left. */
bool process_init(struct process *process, uint32_t options, struct failure *failure);

/* Forgets it: streams, descriptors, the place in the list. The table's slot is free afterwards. */
void process_forget(struct process *process, bool keep_streams);

/* After the clone: `report` is the socket whose other end the child has. */
void process_starting(struct process *process, int pid, int pidfd, int report, struct pending start);

/* Collects children that have ended. */
void processes_reap(void);

bool process_resize(struct process *process, struct winsize size);
bool process_signal(struct process *process, int number);

/* PID, state, exit and streams, as LIST has them. */
void process_describe(const struct process *process, struct writer *answer);
void process_write_streams(const struct process *process, struct writer *answer);
