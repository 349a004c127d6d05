/*
 * Serves folders and files of the host to one machine, by 9P2000.L over a unix socket that it connects to:
 *   file-server SOCKET FOLDER [NAME ro|rw PATH]...
 * FOLDER is empty; it becomes the root of what this program sees. It ends with the machine, whose end of the socket it
 * has; whoever started it need not live on.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "confine.h"
#include "fail.h"
#include "operations.h"
#include "serve.h"

enum { FIRST_SHARE = 3, SHARE_ARGUMENTS = 3 };

const char *export_path = "/export";

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  must(strlen(path) < sizeof address.sun_path, "name the socket", path);
  strcpy(address.sun_path, path);
  int connected = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(connected >= 0, "make", "a socket");
  must(connect(connected, (const struct sockaddr *)&address, sizeof address) == 0, "connect to", path);
  return connected;
}

int main(int count, char **arguments) {
  struct share shares[SHARES_MAX];
  size_t share_count = 0;
  if (count < FIRST_SHARE || (count - FIRST_SHARE) % SHARE_ARGUMENTS != 0 ||
      (count - FIRST_SHARE) / SHARE_ARGUMENTS > SHARES_MAX) {
    fprintf(stderr, "usage: file-server SOCKET FOLDER [NAME ro|rw PATH]...\n");
    return 2;
  }
  for (int i = FIRST_SHARE; i < count; i += SHARE_ARGUMENTS) {
    bool read_only = strcmp(arguments[i + 1], "ro") == 0;
    shares[share_count++] = (struct share){arguments[i], arguments[i + 2], read_only};
  }
  int client = connect_to(arguments[1]);
  confine_root(arguments[2], shares, share_count);
  confine_rights();
  return serve(client);
}
