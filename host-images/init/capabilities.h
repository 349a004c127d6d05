/* The sets of capabilities that containers get. */
#pragma once

#include <stdbool.h>

#include "bytes.h"

enum { CAPABILITY_COUNT = 41 };

#define CAPABILITIES_ALL ((UINT64_C(1) << CAPABILITY_COUNT) - 1)

/*
 * The default set of the container world with the CAP_ADD and CAP_DROP fields of a request applied: ALL first, then
 * single ones, additions before drops. False with a text when a name is unknown.
 */
bool capabilities_of(struct span request, bool privileged, uint64_t *set, char *error, size_t error_size);

/* Limits this process and what it executes to a set. False with errno. */
bool capabilities_limit(uint64_t set);
/* Makes a set the permitted and effective one, the inheritable one empty. False with errno. */
bool capabilities_set(uint64_t set);
