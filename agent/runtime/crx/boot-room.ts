import type { PodSandboxConfig } from "../runtime.ts";
import type { MachineRoom } from "./qemu/command-line.ts";
import { templateShape } from "./template/template-shape.ts";

/** What a machine that boots can come to have: as much as a clone, and never less than it has from its start. */
export function bootRoom({
  cpuCount,
  memoryBytes,
}: Pick<PodSandboxConfig, "cpuCount" | "memoryBytes">): MachineRoom {
  const { maxCpuCount, maxMemoryBytes } = templateShape(false);
  return {
    maxCpuCount: Math.max(cpuCount, maxCpuCount),
    maxMemoryBytes: Math.max(memoryBytes, maxMemoryBytes),
  };
}
