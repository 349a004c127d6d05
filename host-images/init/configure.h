/* The sandbox's identity: CONFIGURE. */
#pragma once

#include "control.h"

enum outcome configure(struct request *request);

/* Files and kernel settings that hold before the host has said anything. */
void configure_defaults(void);
