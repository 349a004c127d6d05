/*
 * Memory that the machine wishes to have, or could do without. Where containers have no limit of their own, all of them
 * together meet a soft one below the machine's memory: it slows them down, which leaves the host time to bring more.
 */
#pragma once

#include "control.h"

/* Begins to tell the host, by the CONFIGURE field MEMORY_GROWTH. */
bool pressure_begin(struct span value, struct failure *failure);

/* Does what is due, and says when something is next; -1: nothing is. */
void pressure_look(void);
int pressure_timeout_ms(void);

/* A wish is an event: told once in every session until the host has done what it can, and acknowledges it. */
void pressure_repeat(void);
bool pressure_next(uint8_t *type, uint32_t *number, struct writer *event);
void pressure_acknowledged(uint32_t number);
