#ifndef RIGHTS_H
#define RIGHTS_H

#include "options.h"

/* Joins the control group, if there is one to join. */
void rights_join(const char *cgroup);

/* Gives up every right for good: user, groups, capabilities, limits. */
void rights_drop(const struct options *options);

#endif
