#ifndef ROOT_H
#define ROOT_H

#include "options.h"

/* Enters namespaces of its own and makes the prepared folder its whole file system, read-only. */
void root_enter(const struct options *options);

#endif
