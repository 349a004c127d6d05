/* The stream port's table: byte streams between the host and the descriptors of processes and sockets. */
#pragma once

#include "fields.h"
#include "frame.h"
#include "loop.h"
#include "port.h"

enum { STREAMS_MAX = 384 };

enum stream_direction { STREAM_TO_HOST = 1, STREAM_TO_GUEST = 2 };

extern struct port streams_port;

/*
 * Begins a stream over a descriptor, which it owns from now on; returns its id, or 0 when there is no room (and the
 * descriptor is closed). A socket's or terminal's two streams have a descriptor each.
 */
uint32_t stream_open(enum stream_direction direction, int fd);

/* Gives a stream that was opened with descriptor -1 its descriptor. Without such a stream the descriptor is closed. */
void stream_connect(uint32_t id, int fd);

/* Forgets a stream and closes its descriptor. Nothing for an id that is not there, such as 0. */
void stream_close(uint32_t id);

/* How many streams can still be opened. */
size_t streams_free(void);

/* Writes a STREAM_GROUP for each. */
void streams_list(struct writer *answer);
