import { readFileSync, statfsSync } from "node:fs";

/** What the box is short of. */
export interface HostPressure {
  readonly memory: boolean;
  readonly disk: boolean;
}

/** The kubelet's default hard eviction thresholds. */
const minMemoryBytes = 100 * 1024 * 1024;
const minDiskShare = 0.1;
const minInodeShare = 0.05;

/** Measures the box: one small file and one system call. */
export function measurePressure(dataDir: string): HostPressure {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  const { blocks, bavail, files, ffree } = statfsSync(dataDir);
  return {
    memory: available !== undefined && Number(available) * 1024 < minMemoryBytes,
    disk: bavail < blocks * minDiskShare || (files > 0 && ffree < files * minInodeShare),
  };
}
