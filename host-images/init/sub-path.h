/* Paths within a volume, which containers may have filled with links: nothing here leads out of it. */
#pragma once

#include "control.h"

enum { SUB_PATH_SIZE = 4096 };

/* A descriptor (O_PATH) of what the path within the folder names; links within the folder are followed. -1 with errno:
   EXDEV where it leads out. */
int sub_path_open(const char *folder, const char *path);

/* READ_FILE: the bytes of a small file within a volume. */
enum outcome sub_path_read(struct request *request);

/* PREPARE_SUB_PATH: makes the folders of a path that is not there, with the mode of the volume's own. */
enum outcome sub_path_prepare(struct request *request);
