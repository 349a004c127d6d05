/** What one machine's QEMU may use of the host (cgroup v2). */
export interface MachineLimits {
  /** `memory.max`, and no swap. */
  readonly memoryBytes: number;
  /** `cpu.weight`, 1 to 10000. */
  readonly cpuWeight: number;
  /** `pids.max`: threads. */
  readonly processes: number;
}

const mebibyte = 1 << 20;
/** QEMU itself: its heap, its devices' buffers, the stacks of its threads, and what it keeps of its disks for a moment. */
const qemuBytes = 96 * mebibyte;
/** Translated code (`tb-size`, at most 32 MiB), with the tables that lead to it. */
const translationBytes = 48 * mebibyte;
/** For each 64 bytes of the guest one: page tables of the host, for the memory and for its shadow under KVM. */
const tableShare = 64;
/** Virtual processors, and the 64 threads of QEMU's pool for disks. */
export const maxThreads = 512;

/**
 * The limits of a machine: its guest's memory to the last byte, and what QEMU takes beside it. They are no budget but a
 * fence: a QEMU that stays a QEMU never meets them, as pages of disks can be dropped and do not count.
 */
export function machineLimits(
  memoryBytes: number,
  cpuWeight: number,
  accelerator: "kvm" | "tcg",
): MachineLimits {
  const beside = qemuBytes + (accelerator === "tcg" ? translationBytes : 0);
  return {
    memoryBytes: memoryBytes + Math.ceil(memoryBytes / tableShare) + beside,
    cpuWeight,
    processes: maxThreads,
  };
}
