#ifndef RIGHTS_H
#define RIGHTS_H

#include "options.h"

/* Joins the control group, if there is one to join. */
void rights_join(const char *cgroup);

/* Gives up every right for good: user, groups, capabilities, limits. */
void rights_drop(const struct options *options);

/* An emulator gains little by huge pages, and fills each of them for the sake of a few bytes. */
void rights_spare_memory(void);

#endif
