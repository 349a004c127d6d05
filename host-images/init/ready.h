/* The control group that a template makes for the first container of each of its clones, so that they need not. A
   container that needs another leaves it to the next one that does not. */
#pragma once

#include "ids.h"

/* The group's name; no id has this character. */
#define READY_FOLDER "ready~"

/* It is made. */
void ready_offer(void);

/* From now on it is the group of the container with this id. Nothing where there is none to be had. */
void ready_take(const char *id);

/* The name of a container's control group. */
const char *ready_folder(const char *id);

/* The container and its group are gone. */
void ready_leave(const char *id);
