/* A virtio-serial port: sessions, hello, frames in, frames out. The host can be cut off and come back at any byte. */
#pragma once

#include <stdbool.h>

#include "fields.h"
#include "frame.h"
#include "loop.h"

/* Kept apart from the port, whose other fields have values from the start: so the program's file stays small. */
struct port_buffers {
  struct frame_parser parser;
  uint8_t out[FRAME_MAX];
};

struct port {
  const char *name;
  struct port_buffers *buffers;
  /* A good frame of the session, not a hello. */
  void (*take)(const struct frame *frame);
  /* A session has begun: all that belonged to the one before is void. */
  void (*begin)(void);
  /* Writes the next frame to send with port_frame_out; false when there is none. */
  bool (*produce)(struct port *port);
  /* Whether more frames may be taken now; input waits in the host otherwise. NULL: always. */
  bool (*may_take)(void);

  struct watch watch;
  uint64_t session; /* 0: none */
  bool hello_due;
  bool input_left; /* the kernel may hold more input than was read */
  size_t out_start;
  size_t out_end;
};

/* The device of the port of this name. */
bool port_find(const char *name, char *path, size_t size);

/* Opens the port if the kernel has it by now. */
void port_try_open(struct port *port);

/*
 * Takes frames from the wire and sends what there is, up to `frames` frames. True when more could be done at once:
 * come back soon; false when it is the turn of the other end.
 */
bool port_pump(struct port *port, unsigned frames);

/* For `produce`: where a payload of up to PAYLOAD_MAX goes, and the frame around it. */
uint8_t *port_payload(struct port *port);
void port_frame_out(struct port *port, uint8_t type, uint16_t flags, uint32_t id, size_t payload_length);

/* For the hello's STATE field. */
void port_set_state(uint32_t bits);
