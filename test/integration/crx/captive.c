/*
 * What a QEMU would try that was taken over, each attempt with what came of it. Runs in a machine's jail:
 *   captive calls            calls of the kernel that lead further
 *   captive find NAME KEY    the socket without a file and the shared memory that `keep` keeps
 *   captive template NUMBER  to change the file that it has open as this descriptor
 * and outside, until its input ends:
 *   captive keep NAME KEY
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAGE = 4096, OPEN_TO_ALL = 0666, PATH_SIZE = 64 };

static void tell(const char *attempt, bool succeeded) {
  printf("%s: %s\n", attempt, succeeded ? "done" : strerror(errno));
  fflush(stdout);
}

static int calls(void) {
  char parameters[256] = {0};
  static const struct {
    const char *name;
    int family;
  } sockets[] = {{"inet", AF_INET}, {"inet6", AF_INET6}, {"netlink", AF_NETLINK}, {"packet", AF_PACKET},
                 {"vsock", AF_VSOCK}, {"alg", AF_ALG}};
  for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
    tell(sockets[i].name, socket(sockets[i].family, SOCK_DGRAM, 0) >= 0);
  }
  tell("unshare", unshare(CLONE_NEWUSER) == 0);
  tell("io_uring_setup", syscall(SYS_io_uring_setup, 1, parameters) >= 0);
  tell("userfaultfd", syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */) >= 0);
  tell("keyctl", syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -3 /* of the session */, 1) >= 0);
  tell("personality", syscall(SYS_personality, 0) >= 0);
  tell("ptrace", syscall(SYS_ptrace, 0 /* PTRACE_TRACEME */, 0, 0, 0) == 0);
  tell("kcmp", syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1) >= 0);
  return 0;
}

static socklen_t name_socket(struct sockaddr_un *address, const char *name) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  strncpy(address->sun_path + 1, name, sizeof address->sun_path - 2);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static int find(const char *name, key_t key) {
  struct sockaddr_un address;
  socklen_t length = name_socket(&address, name);
  tell("socket", connect(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&address, length) == 0);
  tell("memory", shmget(key, PAGE, 0) >= 0);
  return 0;
}

static int keep(const char *name, key_t key) {
  struct sockaddr_un address;
  socklen_t length = name_socket(&address, name);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  int memory = shmget(key, PAGE, IPC_CREAT | IPC_EXCL | OPEN_TO_ALL);
  char byte;
  tell("kept", bind(listener, (const struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0 && memory >= 0);
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  shmctl(memory, IPC_RMID, NULL);
  return 0;
}

/* What it writes into pages of its own is seen by nobody else; so is that it has given them back. */
static void change_copy(int file, size_t size) {
  unsigned char *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  tell("map a copy", copy != MAP_FAILED);
  if (copy == MAP_FAILED) return;
  memset(copy, 0xa5, size);
  tell("overwrite the copy", copy[0] == 0xa5 && copy[size - 1] == 0xa5);
  tell("discard the copy", madvise(copy, size, MADV_DONTNEED) == 0);
  tell("remove the copy", madvise(copy, size, MADV_REMOVE) == 0);
}

static int change_template(int file) {
  char path[PATH_SIZE];
  struct stat status;
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  if (fstat(file, &status) != 0) return 1;
  size_t size = (size_t)status.st_size;
  change_copy(file, size);
  int again = open(path, O_RDWR);
  tell("open", again >= 0);
  if (again >= 0) change_copy(again, size);
  tell("write as given", pwrite(file, "x", 1, 0) == 1);
  tell("write", pwrite(again, "x", 1, 0) == 1);
  tell("map as given", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) != MAP_FAILED);
  tell("map", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0) != MAP_FAILED);
  void *seen = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, again, 0);
  tell("see", seen != MAP_FAILED);
  if (seen != MAP_FAILED) {
    tell("protect", mprotect(seen, PAGE, PROT_READ | PROT_WRITE) == 0);
    tell("remove", madvise(seen, PAGE, MADV_REMOVE) == 0);
  }
  tell("punch", fallocate(again, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE) == 0);
  tell("grow", ftruncate(again, status.st_size + PAGE) == 0);
  tell("shrink", ftruncate(again, 0) == 0);
  tell("truncate", open(path, O_RDWR | O_TRUNC) >= 0);
  return 0;
}

int main(int count, char **arguments) {
  const char *what = count > 1 ? arguments[1] : "";
  signal(SIGXFSZ, SIG_IGN); /* A file that is too long is an answer too. */
  if (count == 2 && strcmp(what, "calls") == 0) return calls();
  if (count == 3 && strcmp(what, "template") == 0) return change_template(atoi(arguments[2]));
  if (count == 4 && strcmp(what, "find") == 0) return find(arguments[2], atoi(arguments[3]));
  if (count == 4 && strcmp(what, "keep") == 0) return keep(arguments[2], atoi(arguments[3]));
  fprintf(stderr, "usage: captive calls | find NAME KEY | keep NAME KEY | template NUMBER\n");
  return 2;
}
