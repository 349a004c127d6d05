import type { SeccompProfile } from "./seccomp-profile.ts";
import { syscallNumbers } from "./syscall-numbers.ts";

/** What the container world's default profile keeps from containers whatever their capabilities are. */
const refused =
  "_sysctl add_key afs_syscall clock_settime create_module get_kernel_syms getpmsg io_uring_enter " +
  "io_uring_register io_uring_setup kexec_file_load kexec_load keyctl migrate_pages move_pages nfsservctl " +
  "pivot_root putpmsg request_key security swapoff swapon sysfs tuxcall uselib userfaultfd ustat vserver";

/** What it gives to those with a capability. */
const granted: Readonly<Record<string, string>> = {
  BPF: "bpf",
  DAC_READ_SEARCH: "open_by_handle_at",
  PERFMON: "perf_event_open",
  SYS_ADMIN:
    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount " +
    "open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount2 unshare",
  SYS_BOOT: "reboot",
  SYS_CHROOT: "chroot",
  SYS_MODULE: "delete_module finit_module init_module query_module",
  SYS_NICE: "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
  SYS_PACCT: "acct",
  SYS_PTRACE: "kcmp pidfd_getfd process_madvise",
  SYS_RAWIO: "ioperm iopl",
  SYS_TIME: "clock_settime settimeofday",
  SYS_TTY_CONFIG: "vhangup",
  SYSLOG: "syslog",
};

/** Every flag of `clone` that makes a namespace. */
const namespaceFlags = 0x7e02_0000n;
const vsock = 40n;
const noSuchCall = 38;

/**
 * The profile that `RuntimeDefault` stands for, for a container with these capabilities (without `CAP_`): all that a
 * usual program needs, and nothing by which the kernel could be changed.
 */
export function defaultSeccompProfile(capabilities: ReadonlySet<string>): SeccompProfile {
  const gains = new Set<string>();
  const kept = new Set([...words(refused), "personality", "socket", "clone", "clone3"]);
  for (const [capability, names] of Object.entries(granted)) {
    for (const name of words(names)) (capabilities.has(capability) ? gains : kept).add(name);
  }
  const allowed = [...syscallNumbers.keys()].filter((name) => gains.has(name) || !kept.has(name));
  const action = "SCMP_ACT_ALLOW";
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [
      { names: allowed, action },
      { names: ["socket"], action, args: [{ index: 0, value: vsock, valueTwo: 0n, op: "SCMP_CMP_NE" }] },
      ...[0x0n, 0x8n, 0x2_0000n, 0x2_0008n, 0xffff_ffffn].map((value) => ({
        names: ["personality"],
        action,
        args: [{ index: 0, value, valueTwo: 0n, op: "SCMP_CMP_EQ" }],
      })),
      {
        names: ["clone"],
        action,
        args: [{ index: 0, value: namespaceFlags, valueTwo: 0n, op: "SCMP_CMP_MASKED_EQ" }],
      },
      // C libraries fall back on clone, whose flags can be looked at.
      ...(gains.has("clone3") ? [] : [{ names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: noSuchCall }]),
    ],
  };
}

function words(text: string): string[] {
  return text.split(" ");
}
