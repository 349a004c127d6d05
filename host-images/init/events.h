/* Exits and wishes that the host has not acknowledged: told once in every session until it does. */
#pragma once

#include "fields.h"

/* A number that no event of this machine has had. */
uint32_t event_number(void);

/* All that is not acknowledged is due again. */
void events_repeat(void);

/* The next event that is due, marked as told. False when there is none. */
bool events_next(uint8_t *type, uint32_t *number, struct writer *event);

void events_acknowledge(uint32_t number);
