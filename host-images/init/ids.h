/* Ids that the host gives: safe as names of files. */
#pragma once

#include "control.h"

enum { ID_SIZE = 65 };

bool id_is_good(const char *id);

/* Reads an id from a request's field. */
bool id_field(struct span fields, uint16_t tag, char id[ID_SIZE], struct failure *failure);
