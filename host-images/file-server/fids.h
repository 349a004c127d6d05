/* The client's numbers for files (fids) and what is open for each. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct fid {
  uint32_t number;
  uint32_t user;  /* who opens and creates by it */
  int path;       /* O_PATH: names the file, opens nothing */
  int opened;     /* -1: not opened */
  bool is_folder; /* `opened` is one */
  struct fid *next;
};

/* The fid of this number, or NULL. */
struct fid *fid_find(uint32_t number);

/* A new fid, which owns the descriptor. NULL, with the descriptor closed, where the number is taken or there are too many. */
struct fid *fid_add(uint32_t number, int path, uint32_t user);

/* Ends a fid and closes its descriptors. */
void fid_remove(struct fid *fid);

void fid_remove_all(void);
