/* What a child tells PID 1 between its clone and its execve, over a socket of packets that execve closes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum report_kind {
  REPORT_NONE,     /* nothing now */
  REPORT_END,      /* the socket is closed: the program runs, or the child is dead */
  REPORT_READY,    /* execve comes next */
  REPORT_FAILURE,  /* could not be started, with a text */
  REPORT_TERMINAL, /* with the terminal's master */
  REPORT_IDENTITY, /* who it runs as: its user, its group, further groups */
};

struct report {
  int fd;
  char text[512];
  size_t length;
};

/* A pair of sockets, both closed by execve; the first does not block. False with errno. */
bool report_pair(int ends[2]);

enum report_kind report_receive(int socket, struct report *report);

void report_send(int socket, enum report_kind kind, const char *text, int fd);
void report_send_bytes(int socket, enum report_kind kind, const void *bytes, size_t length);
