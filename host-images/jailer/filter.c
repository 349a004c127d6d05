#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "fail.h"

enum { FORBIDDEN_MAX = 64, PROGRAM_MAX = FORBIDDEN_MAX + 16, X32_BIT = 0x40000000 };

static const uint32_t forbidden[] = {
    SYS_unshare,          SYS_setns,             SYS_ptrace,           SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_process_madvise,  SYS_pidfd_open,        SYS_pidfd_getfd,      SYS_kcmp,             SYS_bpf,
    SYS_perf_event_open,  SYS_userfaultfd,       SYS_io_uring_setup,   SYS_io_uring_enter,   SYS_io_uring_register,
    SYS_keyctl,           SYS_add_key,           SYS_request_key,      SYS_mount,            SYS_umount2,
    SYS_pivot_root,       SYS_chroot,            SYS_open_tree,        SYS_move_mount,       SYS_fsopen,
    SYS_fsconfig,         SYS_fsmount,           SYS_fspick,           SYS_mount_setattr,    SYS_name_to_handle_at,
    SYS_open_by_handle_at, SYS_quotactl,         SYS_acct,             SYS_swapon,           SYS_swapoff,
    SYS_reboot,           SYS_kexec_load,        SYS_kexec_file_load,  SYS_init_module,      SYS_finit_module,
    SYS_delete_module,    SYS_iopl,              SYS_ioperm,           SYS_syslog,           SYS_settimeofday,
    SYS_clock_settime,    SYS_clock_adjtime,     SYS_adjtimex,         SYS_sethostname,      SYS_setdomainname,
    SYS_fanotify_init,    SYS_lookup_dcookie,    SYS_migrate_pages,    SYS_move_pages,       SYS_personality,
};

_Static_assert(sizeof forbidden / sizeof *forbidden <= FORBIDDEN_MAX, "the program has room for all forbidden calls");

static struct sock_filter load(size_t offset) {
  return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

/* Skips so many instructions where the loaded word is the value, and so many where it is not. */
static struct sock_filter equal(uint32_t value, size_t skip, size_t skip_else) {
  return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, (uint8_t)skip, (uint8_t)skip_else);
}

static struct sock_filter give(uint32_t verdict) { return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict); }

void filter_install(void) {
  const size_t count = sizeof forbidden / sizeof *forbidden;
  struct sock_filter program[PROGRAM_MAX];
  unsigned short length = 0;
  program[length++] = load(offsetof(struct seccomp_data, arch));
  program[length++] = equal(AUDIT_ARCH_X86_64, 1, 0);
  program[length++] = give(SECCOMP_RET_KILL_PROCESS);
  program[length++] = load(offsetof(struct seccomp_data, nr));
  program[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
  program[length++] = give(SECCOMP_RET_KILL_PROCESS);
  /* The refusal stands behind the rest of the list and the three instructions for sockets. */
  for (size_t i = 0; i < count; i++) program[length++] = equal(forbidden[i], count - i + 2, 0);
  /* Sockets: only of the kind that its ports are. */
  program[length++] = equal(SYS_socket, 0, 3);
  program[length++] = load(offsetof(struct seccomp_data, args));
  program[length++] = equal(AF_UNIX, 1, 0);
  program[length++] = give(SECCOMP_RET_ERRNO | EPERM);
  program[length++] = give(SECCOMP_RET_ALLOW);
  struct sock_fprog whole = {length, program};
  must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0) == 0, "install", "the filter");
}
