/* Requests about what is in volumes of others' making, whose server or disk may never answer: each is carried out by a
   process of its own, which ends in time or is left where it hangs. PID 1 goes on meanwhile. */
#pragma once

#include "control.h"

/* Carries a request out in a process of its own; `volume` is what it is about. */
enum outcome errand_run(struct request *request, enum outcome (*carry_out)(struct request *request),
                        const char *volume);

/* When the next one is late, as epoll_wait(2) has it; and refuses those that are. */
int errands_timeout_ms(void);
void errands_look(void);
