import type { Pressures } from "./pressure.ts";

/** What the processes of a control group use. */
export interface GroupUsage {
  /** Since the group was made. */
  readonly cpuNanoseconds: number;
  /** When that was read, by a clock of the machine's own; absent where the guest does not tell. */
  readonly cpuReadAtMs?: number;
  readonly cpuUserNanoseconds: number;
  readonly cpuSystemNanoseconds: number;
  /** Of its share of processors. */
  readonly cpu?: CpuAllowance;
  readonly memory: {
    readonly usedBytes: number;
    /** Without file pages that nobody used lately, which go when others need the room. */
    readonly workingSetBytes: number;
    /** Anonymous memory. */
    readonly residentBytes: number;
    readonly cacheBytes: number;
    readonly mappedBytes: number;
    /** Absent without a limit. */
    readonly limitBytes?: number;
    readonly pageFaults: number;
    readonly majorPageFaults: number;
    readonly outOfMemoryKills: number;
    /** File pages that were used lately, and those that were not. */
    readonly activeFileBytes?: number;
    readonly inactiveFileBytes: number;
    /** The kernel's own for these processes. */
    readonly kernelBytes?: number;
    /** The most that was used at once. */
    readonly peakBytes?: number;
    /** How often the limit was met. */
    readonly limitHits?: number;
  };
  readonly threadCount: number;
  /** Absent: no limit. */
  readonly maxThreadCount?: number;
  /** Absent where that was not counted. */
  readonly processes?: ProcessCounts;
  readonly disks: readonly DiskTraffic[];
  readonly pressures?: Pressures;
}

/** What a control group may have of the processors, and how often it was stopped for it. */
interface CpuAllowance {
  /** Time per period; absent: no limit. */
  readonly quotaMicroseconds?: number;
  readonly periodMicroseconds: number;
  /** cgroup v2 `cpu.weight`, 1 to 10000. */
  readonly weight: number;
  readonly periodCount: number;
  readonly throttledPeriodCount: number;
  readonly throttledMicroseconds: number;
}

export interface ProcessCounts {
  readonly processCount: number;
  readonly openFileCount: number;
  /** Of the open files. */
  readonly openSocketCount: number;
  /** How many files the first process may open; absent for several containers. */
  readonly maxOpenFileCount?: number;
}

/** What went to and from one of the sandbox's disks. */
export interface DiskTraffic {
  /** As the sandbox names it: `/dev/vda`. */
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly readCount: number;
  readonly writeCount: number;
}

export interface FileSystemUsage {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodeCount: number;
  readonly freeInodeCount: number;
  readonly usedInodeCount: number;
}

/** Counted from the sandbox's start, as the sandbox sees it. */
export interface NetworkUsage {
  readonly interfaceName: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly receiveDrops: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
  readonly sendDrops: number;
}

/** What a sandbox uses at one moment. All but the network is the guest's own word. */
export interface PodSandboxStats {
  readonly atMs: number;
  /** The whole machine, its kernel included. */
  readonly machine: {
    readonly cpuNanoseconds: number;
    /** As {@link GroupUsage.cpuReadAtMs}. */
    readonly cpuReadAtMs?: number;
    readonly memoryBytes: number;
    readonly memoryAvailableBytes: number;
  };
  /** All containers together; absent where the guest does not tell. */
  readonly pods?: GroupUsage;
  /** The containers that run. */
  readonly containers: ReadonlyArray<{
    readonly id: string;
    readonly usage: GroupUsage;
    /** The writable layer. */
    readonly root?: FileSystemUsage;
  }>;
  /** By the names that they were written under. */
  readonly volumes: ReadonlyArray<{ readonly name: string; readonly fileSystem: FileSystemUsage }>;
  readonly network?: NetworkUsage;
}
