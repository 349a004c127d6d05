/* The sandbox's containers. */
#pragma once

#include "process.h"

enum { CONTAINERS_MAX = 64 };

struct container {
  char disk[ID_SIZE];
  uint8_t *definition; /* the fields of CREATE_CONTAINER */
  size_t definition_length;
  uint64_t capabilities;
  uint8_t *identity; /* who its program runs as, as IDENTITY has it */
  size_t identity_length;
  bool has_cpu_limit; /* a change has set it before the program ran */
  struct process process; /* its `container` is the id; "" in a free slot */
};

/* The container with this id, or NULL. */
struct container *container_find(const char *id);

/* Reads a request's CONTAINER field and finds it. NULL with a failure. */
struct container *container_of(struct request *request);

static inline struct span container_definition(const struct container *container) {
  return (struct span){container->definition, container->definition_length};
}

enum outcome container_create(struct request *request);
enum outcome container_start(struct request *request);
enum outcome container_remove(struct request *request);
enum outcome container_update(struct request *request);
enum outcome containers_stats(struct request *request);

/* The program has begun: from now on the container's limit of CPU time counts. */
void container_runs(const char *id);

/* Keeps who the container's program runs as, and tells it. */
void container_is(const char *id, const void *identity, size_t length);
void container_write_identity(const char *id, struct writer *answer);

void containers_list(struct writer *answer);
