#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"

/* <sys/mount.h> and <linux/mount.h> exclude each other. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

enum { DETACH = 2 };

static int open_share(const struct share *share) {
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (share->read_only ? MOUNT_ATTR_RDONLY : 0)};
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, share->path, flags);
  must(tree >= 0, "open", share->path);
  must(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) == 0,
       "restrict", share->path);
  return tree;
}

static void place_share(const struct share *share, int folder, int tree) {
  struct stat status;
  must(fstat(tree, &status) == 0, "look at", share->path);
  if (S_ISDIR(status.st_mode)) {
    must(mkdirat(folder, share->name, 0700) == 0, "make", share->name);
  } else {
    int file = openat(folder, share->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    must(file >= 0 && close(file) == 0, "make", share->name);
  }
  must(syscall(SYS_move_mount, tree, "", folder, share->name, MOVE_MOUNT_F_EMPTY_PATH) == 0, "serve", share->path);
  must(close(tree) == 0, "close", share->path);
}

void confine_root(const char *root, const struct share *shares, size_t count) {
  int trees[SHARES_MAX];
  char descriptors[64];
  must(unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0, "enter", "namespaces of its own");
  /* What the host mounts below a share later is seen; what happens here stays here. */
  must(mount(NULL, "/", NULL, 1 << 14 /* MS_REC */ | 1 << 19 /* MS_SLAVE */, NULL) == 0, "follow", "the host's mounts");
  for (size_t i = 0; i < count; i++) trees[i] = open_share(&shares[i]);
  must(mount("tmpfs", root, "tmpfs", 2 | 4 | 8 /* nosuid, nodev, noexec */, "mode=0700,size=64k") == 0, "mount", root);
  must(chdir(root) == 0, "go to", root);
  must(mkdir("export", 0755) == 0 && mkdir("fd", 0700) == 0, "make", "its folders");
  int folder = open("export", O_PATH | O_DIRECTORY | O_CLOEXEC);
  must(folder >= 0, "open", "export");
  for (size_t i = 0; i < count; i++) place_share(&shares[i], folder, trees[i]);
  must(close(folder) == 0, "close", "export");
  /* Of /proc its own descriptors alone: `/fd/N` opens what a descriptor names. */
  snprintf(descriptors, sizeof descriptors, "/proc/%d/fd", getpid());
  must(mount(descriptors, "fd", NULL, 1 << 12 /* MS_BIND */, NULL) == 0, "show", descriptors);
  must(mount(NULL, ".", NULL, 1 << 12 | 32 | 1 | 2 | 4 | 8 /* bind, remount, read-only and as above */, NULL) == 0,
       "make read-only", root);
  must(syscall(SYS_pivot_root, ".", ".") == 0, "change to", root);
  must(umount2(".", DETACH) == 0, "leave", "the host's files");
  must(chdir("/") == 0, "go to", "/");
}

static void drop_capabilities(void) {
  const uint32_t kept = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_FSETID |
                        1U << CAP_DAC_READ_SEARCH;
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};
  for (unsigned long right = 0; prctl(PR_CAPBSET_READ, right, 0, 0, 0) >= 0; right++) {
    must(prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0, "give up", "the bounding set");
  }
  must(syscall(SYS_capset, &head, data) == 0, "give up", "capabilities");
  must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "give up", "new privileges");
}

static const uint32_t allowed[] = {
    SYS_read,      SYS_write,       SYS_close,       SYS_fstat,      SYS_newfstatat,   SYS_lseek,      SYS_pread64,
    SYS_pwrite64,  SYS_open,        SYS_openat,      SYS_fcntl,      SYS_fsync,        SYS_fdatasync,  SYS_ftruncate,
    SYS_truncate,  SYS_getdents64,  SYS_mkdirat,     SYS_mknodat,    SYS_unlinkat,     SYS_renameat,   SYS_linkat,
    SYS_symlinkat, SYS_readlinkat,  SYS_chmod,       SYS_fchmod,     SYS_fchown,       SYS_fchownat,   SYS_utimensat,
    SYS_fstatfs,   SYS_brk,         SYS_mmap,        SYS_munmap,     SYS_mremap,       SYS_madvise,    SYS_exit_group,
    SYS_stat,      SYS_rt_sigreturn, SYS_statx,      SYS_writev,     SYS_rt_sigprocmask,
};

/* A call beyond the list ends the program: a client that has taken it over gets no further. */
static void install_filter(void) {
  enum { COUNT = sizeof allowed / sizeof *allowed };
  struct sock_filter program[COUNT + 6];
  unsigned short length = 0;
  program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, COUNT + 1);
  program[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < COUNT; i++) {
    program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], (uint8_t)(COUNT - i), 0);
  }
  program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog whole = {length, program};
  must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0) == 0, "install", "the filter");
}

void confine_rights(void) {
  struct rlimit files;
  struct rlimit none = {0, 0};
  /* Each fid is a descriptor or two; beyond the limit clients are refused with EMFILE. */
  must(getrlimit(RLIMIT_NOFILE, &files) == 0, "know", "limits");
  files.rlim_cur = files.rlim_max;
  must(setrlimit(RLIMIT_NOFILE, &files) == 0 && setrlimit(RLIMIT_CORE, &none) == 0, "set", "limits");
  umask(0);
  drop_capabilities();
  install_filter();
}
