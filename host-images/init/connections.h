/* Connections to servers on the guest's loopback, for port forwarding. */
#pragma once

#include "control.h"

enum outcome connection_open(struct request *request);
