/* Small files of /proc, /sys and /etc: read and written whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Room for any file of numbers that the kernel makes: memory.stat, /proc/meminfo. */
enum { FILE_TEXT_SIZE = 8192 };

/* Writes a text to a file that exists. False with errno. */
bool file_write(const char *path, const char *text);

/* Makes a file hold exactly these bytes, keeping its inode (it may be bind-mounted elsewhere). False with errno. */
bool file_replace(const char *path, const void *bytes, size_t length);

/* Writes all of it to an open file. False with errno. */
bool write_all(int fd, const void *bytes, size_t length);

/* Reads to the end of an open file, or `size` bytes; returns how many, or -1 with errno. */
ssize_t read_all(int fd, void *bytes, size_t size);

/* Reads up to `size - 1` bytes and terminates them; returns how many, or -1 with errno. */
long file_read(const char *path, char *text, size_t size);

/* Like file_read, without a newline at the end. */
bool file_read_line(const char *path, char *text, size_t size);

/* The number in a text after `key` and a space at the start of a line; false if there is none. */
bool text_number(const char *text, const char *key, uint64_t *number);

/* The first unsigned number in a file, or that of text_number; 0 if there is none. */
uint64_t file_number(const char *path, const char *key);

/* Makes a folder and those above it. False with errno. */
bool make_folders(const char *path, unsigned mode);
