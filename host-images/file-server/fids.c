#include "fids.h"

#include <stdlib.h>
#include <unistd.h>

enum { BUCKETS = 1024, FIDS_MAX = 60000 };

static struct fid *buckets[BUCKETS];
static unsigned count;

struct fid *fid_find(uint32_t number) {
  struct fid *fid = buckets[number % BUCKETS];
  while (fid != NULL && fid->number != number) fid = fid->next;
  return fid;
}

struct fid *fid_add(uint32_t number, int path, uint32_t user) {
  struct fid *fid = fid_find(number) == NULL && count < FIDS_MAX ? malloc(sizeof *fid) : NULL;
  if (fid == NULL) {
    close(path);
    return NULL;
  }
  *fid = (struct fid){number, user, path, -1, false, buckets[number % BUCKETS]};
  buckets[number % BUCKETS] = fid;
  count++;
  return fid;
}

void fid_remove(struct fid *fid) {
  struct fid **link = &buckets[fid->number % BUCKETS];
  while (*link != fid) link = &(*link)->next;
  *link = fid->next;
  if (fid->opened >= 0) close(fid->opened);
  close(fid->path);
  free(fid);
  count--;
}

void fid_remove_all(void) {
  for (unsigned i = 0; i < BUCKETS; i++) {
    while (buckets[i] != NULL) fid_remove(buckets[i]);
  }
}
