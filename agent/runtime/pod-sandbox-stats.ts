/** What the processes of a control group use. */
export interface GroupUsage {
  /** Since the group was made. */
  readonly cpuNanoseconds: number;
  readonly cpuUserNanoseconds: number;
  readonly cpuSystemNanoseconds: number;
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
  };
  readonly processCount: number;
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
