#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "fail.h"

enum { BACKLOG = 4 };

static int open_listener(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int socket_fd = socket(AF_UNIX, SOCK_STREAM, 0);
  must(socket_fd >= 0, "make the socket", name);
  must(strlen(name) < sizeof address.sun_path, "name the socket", name);
  strcpy(address.sun_path, name);
  must(unlink(name) == 0 || errno == ENOENT, "remove the earlier socket", name);
  must(bind(socket_fd, (const struct sockaddr *)&address, sizeof address) == 0, "bind the socket", name);
  must(listen(socket_fd, BACKLOG) == 0, "listen on the socket", name);
  return socket_fd;
}

static int open_file(const char *path) {
  struct stat status;
  int file = open(path, O_RDONLY | O_NONBLOCK);
  must(file >= 0, "open", path);
  must(fstat(file, &status) == 0, "look at", path);
  errno = EINVAL;
  must(S_ISREG(status.st_mode) || S_ISBLK(status.st_mode), "take as a disk", path);
  return file;
}

static int open_tap(const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  int tap = open("/dev/net/tun", O_RDWR);
  must(tap >= 0, "open", "/dev/net/tun");
  must(strlen(name) < sizeof request.ifr_name, "name the tap", name);
  strcpy(request.ifr_name, name);
  must(ioctl(tap, TUNSETIFF, &request) == 0, "attach to the tap", name);
  return tap;
}

static int open_one(const struct descriptor *descriptor) {
  switch (descriptor->kind) {
    case DESCRIPTOR_LISTEN:
      return open_listener(descriptor->name);
    case DESCRIPTOR_READ:
      return open_file(descriptor->name);
    case DESCRIPTOR_TAP:
      return open_tap(descriptor->name);
    case DESCRIPTOR_INHERITED:
      break;
  }
  return descriptor->number;
}

/* The lowest free number is the next one: what the caller did not list was closed before. */
void descriptors_open(const struct options *options) {
  size_t inherited = 0;
  while (inherited < options->descriptor_count && options->descriptors[inherited].kind == DESCRIPTOR_INHERITED) {
    must(fcntl(options->descriptors[inherited].number, F_GETFD) >= 0, "inherit", options->descriptors[inherited].name);
    inherited++;
  }
  must(syscall(SYS_close_range, 3 + (unsigned)inherited, ~0U, 0) == 0, "close", "what is not listed");
  for (size_t i = inherited; i < options->descriptor_count; i++) {
    const struct descriptor *descriptor = &options->descriptors[i];
    int opened = open_one(descriptor);
    errno = EBADF;
    must(opened == descriptor->number, "place", descriptor->name);
  }
}
