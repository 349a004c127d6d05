/* Which request is carried out by what. */
#pragma once

#include "control.h"

enum outcome requests_carry_out(uint8_t type, struct request *request);
