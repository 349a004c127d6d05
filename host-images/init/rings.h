/* Memory for rings: mapped when a ring first holds something, and handed on from ring to ring. */
#pragma once

#include "ring.h"

/* Gives an empty ring its memory. False when there is none to be had. */
bool ring_prepare(struct ring *ring);

/* Maps what a first container needs. */
void rings_init(void);

/* Takes the memory of a ring that need not hold anything any more; what it held is forgotten. */
void ring_release(struct ring *ring);
