/*
 * Volumes that others serve: folders of the host (9P2000.L over the port `pacific.files`) and NFS. A process of its own
 * makes each mount, since that may wait for the server, and one more carries the bytes between port and 9P client.
 */
#pragma once

#include "control.h"

enum outcome remote_mount(struct request *request);

/* Whether a volume is one of these: nothing may be asked of it that its server has to answer. */
bool remote_is(const char *name);
