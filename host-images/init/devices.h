/* A container's /dev. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { DEVICES_MAX = 128 };

/* The machine's devices, for a privileged container. */
struct devices {
  size_t count;
  struct {
    char name[32];
    mode_t mode;
    dev_t number;
  } list[DEVICES_MAX];
};

/* Reads PID 1's /dev, but for the ports on which it speaks with the host. */
void devices_collect(struct devices *devices);

/* Makes the nodes and links that every container has, and those collected. False with errno. */
bool devices_make(const struct devices *devices);

/* Makes /dev/console the terminal that is standard input. False with errno. */
bool devices_make_console(void);
