import type { ContainerResources } from "../../runtime.ts";
import type { FieldWriter } from "../channel/fields.ts";
import { tag } from "../channel/protocol.ts";

const cpuPeriodMicros = 100_000n;

/** Writes what a control group of the guest gets. */
export function writeResources(fields: FieldWriter, resources: ContainerResources): FieldWriter {
  return fields
    .u64(tag.cpuQuota, (BigInt(Math.round(resources.cpuMillis)) * cpuPeriodMicros) / 1000n)
    .u64(tag.cpuPeriod, cpuPeriodMicros)
    .u32(tag.cpuWeight, resources.cpuWeight)
    .u64(tag.memoryMax, BigInt(resources.memoryBytes));
}
