/* Options as mount(8) takes them. */
#pragma once

enum { MOUNT_OPTIONS_SIZE = 1024 };

/* Splits a list into bits of the mount, which are added to or taken from `flags`, and what is left for the file
   system. */
void mount_options_split(const char *options, unsigned long *flags, char rest[MOUNT_OPTIONS_SIZE]);
