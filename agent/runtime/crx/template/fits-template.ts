import type { PodSandboxConfig } from "../../runtime.ts";
import type { MachineTemplate } from "./machine-template.ts";

/** Whether a clone can become what a sandbox's machine is to be. */
export function fitsTemplate(
  { shape }: MachineTemplate,
  config: Pick<PodSandboxConfig, "cpuCount" | "memoryBytes" | "kernel">,
): boolean {
  const isSmallEnough = config.cpuCount <= shape.maxCpuCount && config.memoryBytes <= shape.maxMemoryBytes;
  return isSmallEnough && config.kernel === undefined;
}
