/* The first process of the process namespace that containers of the Pod share. */
#pragma once

/* A descriptor of the process (a pidfd), which is started when it does not run. -1 with errno. */
int pause_process(void);

/* What PID 1's program does under the name PAUSE_NAME: it waits, and the kernel reaps its children. */
_Noreturn void pause_for_ever(void);

#define PAUSE_NAME "/pause"
