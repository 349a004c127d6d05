/*
 * What requests do to files. Each takes the rest of its request and writes the rest of its answer; it returns 0 or an
 * errno. Names are looked up one at a time, below an open folder, and links are never followed: the client does that.
 */
#pragma once

#include "message.h"

/* The folder that clients attach to. */
extern const char *export_path;

int do_attach(struct reader *reader, struct writer *writer);
int do_walk(struct reader *reader, struct writer *writer);
int do_clunk(struct reader *reader, struct writer *writer);
int do_getattr(struct reader *reader, struct writer *writer);
int do_setattr(struct reader *reader, struct writer *writer);
int do_statfs(struct reader *reader, struct writer *writer);

int do_open(struct reader *reader, struct writer *writer, uint32_t message_max);
int do_create(struct reader *reader, struct writer *writer, uint32_t message_max);
int do_read(struct reader *reader, struct writer *writer, uint32_t message_max);
int do_write(struct reader *reader, struct writer *writer);
int do_readdir(struct reader *reader, struct writer *writer, uint32_t message_max);
int do_fsync(struct reader *reader, struct writer *writer);
int do_lock(struct reader *reader, struct writer *writer);
int do_getlock(struct reader *reader, struct writer *writer);

int do_symlink(struct reader *reader, struct writer *writer);
int do_mknod(struct reader *reader, struct writer *writer);
int do_mkdir(struct reader *reader, struct writer *writer);
int do_link(struct reader *reader, struct writer *writer);
int do_rename(struct reader *reader, struct writer *writer);
int do_unlink(struct reader *reader, struct writer *writer);
int do_readlink(struct reader *reader, struct writer *writer);

/* The path that opens what a descriptor names. */
enum { DESCRIPTOR_PATH_SIZE = 32 };
const char *descriptor_path(char *buffer, int descriptor);
