import { fileSystemUsage, readHostUsage } from "../stats/host-usage.ts";
import type { Observation, Observations } from "./thresholds.ts";

/** What the box has left: a few small files of the kernel and one system call. Images lie on the node's own disk. */
export async function observeHost(dataDir: string, nowMs: number): Promise<Observations> {
  const { memory, processes } = readHostUsage(nowMs);
  const disk = await fileSystemUsage(dataDir);
  const space = { available: disk.availableBytes, capacity: disk.capacityBytes };
  const inodes = { available: disk.freeInodeCount, capacity: disk.inodeCount };
  const observed: Array<readonly [string, Observation]> = [
    [
      "memory.available",
      { available: memory.totalBytes - memory.workingSetBytes, capacity: memory.totalBytes },
    ],
    ["pid.available", { available: processes.max - processes.current, capacity: processes.max }],
  ];
  for (const kind of ["nodefs", "imagefs", "containerfs"]) {
    observed.push([`${kind}.available`, space]);
    // File systems that make inodes as they are needed have no number of them.
    if (disk.inodeCount > 0) observed.push([`${kind}.inodesFree`, inodes]);
  }
  return new Map(observed);
}
