#include "connections.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "streams.h"
#include "wire.h"

enum { CONNECTING_MAX = 64 };

/* A connection that is being made. */
static struct connection {
  struct watch watch; /* fd -1: free */
  struct pending pending;
  int family;
  uint16_t port;
} table[CONNECTING_MAX];

static bool table_ready;

static void refused(struct connection *connection, int error) {
  struct failure failure = {.kind = ERROR_FAILED, .number = error};
  snprintf(failure.message, sizeof failure.message, "connect to port %u on the loopback: %s", connection->port,
           strerror(error));
  control_refuse(&connection->pending, &failure);
}

static void made(struct connection *connection, int fd) {
  struct writer answer = {.limit = 256};
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int other = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  uint32_t input = other < 0 ? 0 : stream_open(STREAM_TO_GUEST, other);
  uint32_t output = stream_open(STREAM_TO_HOST, fd);
  if (input == 0 || output == 0) {
    stream_close(input);
    stream_close(output);
    refused(connection, EMFILE);
    return;
  }
  write_u32(&answer, TAG_STDIN, input);
  write_u32(&answer, TAG_STDOUT, output);
  control_answer(&connection->pending, &answer);
  writer_free(&answer);
}

static void ready(struct watch *watch, uint32_t events);

/* Begins a connection. Returns 0, or an errno when there is nothing to wait for. */
static int begin(struct connection *connection, int family) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } to = {.any = {0}};
  socklen_t length = family == AF_INET ? sizeof to.v4 : sizeof to.v6;
  if (family == AF_INET) {
    to.v4 = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(connection->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  } else {
    to.v6 = (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons(connection->port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  }
  connection->family = family;
  connection->watch = (struct watch){socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), ready};
  if (connection->watch.fd < 0) return errno;
  int connected = connect(connection->watch.fd, &to.any, length);
  int error = connected == 0 || errno == EINPROGRESS ? 0 : errno;
  if (error == 0 && !loop_add(&connection->watch)) error = errno;
  if (error != 0) loop_close(&connection->watch);
  return error;
}

/* IPv4 was refused: a server may listen on IPv6 alone. */
static void next_or_refused(struct connection *connection, int error) {
  bool was_v4 = connection->family == AF_INET;
  if (was_v4 && error == ECONNREFUSED && begin(connection, AF_INET6) == 0) return;
  refused(connection, error);
}

static void ready(struct watch *watch, uint32_t events) {
  (void)events;
  struct connection *connection = (struct connection *)((char *)watch - offsetof(struct connection, watch));
  int error = 0;
  socklen_t size = sizeof error;
  struct sockaddr_storage peer;
  socklen_t peer_size = sizeof peer;
  getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0 && getpeername(watch->fd, (struct sockaddr *)&peer, &peer_size) != 0) return;
  int fd = error == 0 ? fcntl(watch->fd, F_DUPFD_CLOEXEC, 3) : -1;
  if (error == 0 && fd < 0) error = errno;
  loop_close(watch);
  if (error == 0) {
    made(connection, fd);
  } else {
    next_or_refused(connection, error);
  }
}

enum outcome connection_open(struct request *request) {
  uint32_t port = 0;
  struct connection *connection = NULL;
  for (size_t i = 0; i < CONNECTING_MAX; i++) {
    if (!table_ready) table[i].watch.fd = -1;
    if (connection == NULL && table[i].watch.fd < 0) connection = &table[i];
  }
  table_ready = true;
  field_u32(request->fields, TAG_PORT, &port);
  if (port == 0 || port > 65535) {
    refuse(request->failure, ERROR_INVALID, "PORT is %u, expected 1 to 65535", port);
    return OUTCOME_REFUSED;
  }
  if (connection == NULL || streams_free() < 2) {
    refuse(request->failure, ERROR_BUSY, "too many connections or streams are open");
    return OUTCOME_REFUSED;
  }
  connection->pending = request->pending;
  connection->port = (uint16_t)port;
  int error = begin(connection, AF_INET);
  if (error != 0) next_or_refused(connection, error);
  return OUTCOME_LATER;
}
