/* A file system that stands still for a moment, so that the host sees all of it on its disk. */
#pragma once

#include "control.h"

enum outcome volume_freeze(struct request *request);
enum outcome volume_thaw(struct request *request);
