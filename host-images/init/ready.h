/* The control group and the writable layer that a template makes for the first container of each of its clones, so that
   they need not. A container that needs another group leaves both to the next one that does not. */
#pragma once

#include "ids.h"

/* The name of both; no id has this character. */
#define READY_FOLDER "ready~"

/* The group is made. */
void ready_offer(void);

/* From now on they are those of the container with this id. Nothing where there is none to be had. */
void ready_take(const char *id);

/* The name of a container's control group. */
const char *ready_folder(const char *id);

/* The container and what it had are gone. */
void ready_leave(const char *id);
