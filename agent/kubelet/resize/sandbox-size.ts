import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ContainerResources, PodSandboxUpdate } from "../../runtime/runtime.ts";
import { resourcesAnnotation } from "../sandbox/pod-identity.ts";
import { type MachineSize, machineSize, podCgroupResources, podCpuWeight } from "../sandbox/pod-resources.ts";

/** What a Pod's machine is to have, by what the Pod is given. */
export function sandboxSize(pod: V1Pod, node: MachineSize): PodSandboxUpdate {
  const resources = podCgroupResources(pod);
  return {
    ...machineSize(pod, node),
    cpuWeight: podCpuWeight(pod),
    ...(resources && { resources }),
    annotations: { [resourcesAnnotation]: JSON.stringify(pod.spec?.resources ?? {}) },
  };
}

/** Enough for either of both; the annotations stay those of the first. */
export function largerSize(one: PodSandboxUpdate, other: PodSandboxUpdate): PodSandboxUpdate {
  const { resources: limits, ...size } = one;
  const resources = limits && other.resources && largerLimits(limits, other.resources);
  return {
    ...size,
    cpuCount: Math.max(one.cpuCount, other.cpuCount),
    memoryBytes: Math.max(one.memoryBytes, other.memoryBytes),
    ...(resources && { resources }),
  };
}

function largerLimits(one: ContainerResources, other: ContainerResources): ContainerResources {
  return {
    cpuMillis: largerLimit(one.cpuMillis, other.cpuMillis),
    cpuWeight: other.cpuWeight,
    memoryBytes: largerLimit(one.memoryBytes, other.memoryBytes),
  };
}

/** 0 is no limit. */
function largerLimit(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : Math.max(one, other);
}
