import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { present } from "../../../supervisor/base/present.ts";
import type { FileSystemUsage } from "../../runtime/pod-sandbox-stats.ts";
import { type Pressures, readPressure } from "../../runtime/pressure.ts";
import {
  bootTimeMs,
  cpuNanoseconds,
  defaultInterface,
  eventCount,
  interfaceStats,
  memoryFigure,
  taskCount,
} from "./proc-text.ts";
import type { InterfaceStats } from "./summary.ts";

/** What the box uses at one moment. */
export interface HostUsage {
  readonly atMs: number;
  readonly bootMs: number;
  readonly cpuNanoseconds: number;
  readonly memory: {
    readonly totalBytes: number;
    readonly usedBytes: number;
    /** Without file pages that nobody used lately: what cadvisor counts, and evictions are decided by. */
    readonly workingSetBytes: number;
    readonly residentBytes: number;
    readonly pageFaults: number;
    readonly majorPageFaults: number;
  };
  readonly swap: { readonly totalBytes: number; readonly usedBytes: number };
  readonly processes: { readonly current: number; readonly max: number };
  readonly pressures: Pressures;
  readonly interfaces: readonly InterfaceStats[];
  readonly defaultInterface: string | undefined;
}

/** Reads small files of the kernel: no process is started and nothing waits. */
export function readHostUsage(nowMs: number): HostUsage {
  const [stat, meminfo, vmstat, loadavg] = ["stat", "meminfo", "vmstat", "loadavg"].map(readProc);
  const figure = (name: string): number => memoryFigure(meminfo ?? "", name);
  const totalBytes = figure("MemTotal");
  const usedBytes = totalBytes - figure("MemFree");
  return {
    atMs: nowMs,
    bootMs: bootTimeMs(stat ?? ""),
    cpuNanoseconds: cpuNanoseconds(stat ?? ""),
    memory: {
      totalBytes,
      usedBytes,
      workingSetBytes: Math.max(0, usedBytes - figure("Inactive(file)")),
      residentBytes: figure("AnonPages"),
      pageFaults: eventCount(vmstat ?? "", "pgfault"),
      majorPageFaults: eventCount(vmstat ?? "", "pgmajfault"),
    },
    swap: { totalBytes: figure("SwapTotal"), usedBytes: figure("SwapTotal") - figure("SwapFree") },
    processes: { current: taskCount(loadavg ?? ""), max: maxProcesses() },
    pressures: present({
      cpu: readPressure(readProc("pressure/cpu")),
      memory: readPressure(readProc("pressure/memory")),
      io: readPressure(readProc("pressure/io")),
    }),
    interfaces: interfaceStats(readProc("net/dev")),
    defaultInterface: defaultInterface(readProc("net/route")),
  };
}

/** The file system that a folder lies on. */
export async function fileSystemUsage(folder: string): Promise<FileSystemUsage> {
  const { bsize, blocks, bavail, bfree, files, ffree } = await statfs(folder);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodeCount: files,
    freeInodeCount: ffree,
    usedInodeCount: files - ffree,
  };
}

/** Both bound the number of threads. */
function maxProcesses(): number {
  const limits = [readProc("sys/kernel/pid_max"), readProc("sys/kernel/threads-max")].map(Number);
  return Math.min(...limits.filter((limit) => limit > 0));
}

function readProc(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, "utf8");
  } catch {
    return "";
  }
}
