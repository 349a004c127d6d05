#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include "options.h"

/* Opens what the command gets, each at its number, with the rights of the caller; closes everything else. */
void descriptors_open(const struct options *options);

#endif
