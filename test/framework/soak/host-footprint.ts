import { readdirSync, readFileSync } from "node:fs";
import { networkNames } from "../../../agent/network/network-names.ts";
import { processesOf } from "../host-processes.ts";

/** How much a host has of what must not grow. */
export interface HostFootprint {
  readonly processes: number;
  readonly taps: number;
  readonly mounts: number;
  /** Below its data folder, folders too. */
  readonly files: number;
  /** Descriptors of its daemon. */
  readonly descriptors: number;
  /** Of its daemon. */
  readonly residentKiB: number;
}

export function hostFootprint(hostFolder: string, daemonPid: number): HostFootprint {
  const { tapPrefix } = networkNames(hostFolder);
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const status = readFileSync(`/proc/${daemonPid}/status`, "utf8");
  return {
    processes: processesOf(hostFolder).length,
    taps: readdirSync("/sys/class/net").filter((name) => name.startsWith(tapPrefix)).length,
    mounts: mounts.filter((line) => line.includes(hostFolder)).length,
    files: readdirSync(hostFolder, { recursive: true }).length,
    descriptors: readdirSync(`/proc/${daemonPid}/fd`).length,
    residentKiB: Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]),
  };
}

/** A line for each thing of which there is more than before, by more than the tolerance. */
export function growth(before: HostFootprint, after: HostFootprint, tolerance: number): string[] {
  // Both have the same keys.
  const names = Object.keys(before) as ReadonlyArray<keyof HostFootprint>;
  return names
    .filter((name) => after[name] > before[name] * (1 + tolerance))
    .map((name) => `${name}: ${before[name]} before, ${after[name]} after`);
}
