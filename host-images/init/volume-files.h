/* The files of a volume's folder, as the host's entries make and replace them. */
#pragma once

#include "control.h"

/* Makes the ENTRY fields of a request below the folder of the volume `name`, in order. A link takes the place of what
   has its name. */
bool volume_files_write(const char *name, const char *folder, struct span fields, struct failure *failure);

/* Removes what `..data` led to before, and the links into it that lead nowhere now. False with errno. */
bool volume_files_sweep(const char *folder);
