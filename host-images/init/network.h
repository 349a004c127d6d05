/* The guest's one network interface, by rtnetlink. */
#pragma once

#include "control.h"

/* Brings loopback up. */
bool network_loopback_up(void);

/* Settles what is the same for all machines. */
void network_init(void);

/* Applies a NETWORK group. Again with other values: replaces them. */
bool network_configure(struct span group, struct failure *failure);
