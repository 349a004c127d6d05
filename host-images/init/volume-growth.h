/* Volumes on disks of their own that the host has made larger: their file systems grow while they are in use. */
#pragma once

#include "control.h"

enum outcome volume_expand(struct request *request);

/* Looks again whether a device has the size that a request waits for. */
void volume_growth_look(void);
/* Milliseconds until the waiting request's time is up, or -1. */
int volume_growth_timeout_ms(void);
