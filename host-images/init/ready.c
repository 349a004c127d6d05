#include "ready.h"

#include <string.h>

static bool is_to_be_had;
static char owner[ID_SIZE];

static bool has(const char *id) { return owner[0] != '\0' && strcmp(owner, id) == 0; }

void ready_offer(void) { is_to_be_had = true; }

void ready_take(const char *id) {
  if (!is_to_be_had) return;
  is_to_be_had = false;
  memcpy(owner, id, strlen(id) + 1);
}

const char *ready_folder(const char *id) { return has(id) ? READY_FOLDER : id; }

void ready_leave(const char *id) {
  if (has(id)) owner[0] = '\0';
}
