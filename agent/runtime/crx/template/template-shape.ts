import { availableParallelism, totalmem } from "node:os";
import type { TemplateShape } from "./machine-template.ts";

const gibibyte = 2 ** 30;
/** What the machine of a Pod of one container without limits has: 256 MiB, and 64 MiB for the guest. */
const memoryBytes = 320 << 20;
/** The guest kernel's limit. */
const mostProcessors = 64;

/** The template for this box: its clones are as small as a Pod's machine usually is, and can grow to all of the box. */
export function templateShape(hasNetwork: boolean): TemplateShape {
  return {
    memoryBytes,
    maxCpuCount: Math.min(availableParallelism(), mostProcessors),
    maxMemoryBytes: (Math.ceil(totalmem() / gibibyte) + 1) * gibibyte,
    hasNetwork,
  };
}
