import type { V1Container, V1Pod, V1ResourceRequirements } from "../../../supervisor/api/generated/types.ts";
import { parseQuantity } from "../../../supervisor/apimachinery/quantity.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import { resourcesAnnotation } from "../sandbox/pod-identity.ts";

/** The Pod as a whole among what it is given: no container has this name. */
export const wholePod = "";

/** What the host gives containers, by their names, and the Pod; it may lag behind what the Pod asks for. */
export type Allocation = ReadonlyMap<string, V1ResourceRequirements>;

/** The containers whose resources may change while they run (kubelet `IsResizableContainer`). */
export function resizableContainers(pod: V1Pod): readonly V1Container[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...sidecars, ...(pod.spec?.containers ?? [])];
}

/** What the Pod asks for. */
export function desiredAllocation(pod: V1Pod): Allocation {
  const ofContainers = resizableContainers(pod).map(({ name, resources = {} }) => [name, resources] as const);
  return new Map([[wholePod, pod.spec?.resources ?? {}], ...ofContainers]);
}

/** The Pod with what the host gives it in place of what it asks for. */
export function withAllocation(pod: V1Pod, allocation: Allocation): V1Pod {
  if (!pod.spec || isSameAllocation(desiredAllocation(pod), allocation)) return pod;
  const give = (container: V1Container): V1Container => {
    const resources = allocation.get(container.name);
    return resources ? { ...container, resources } : container;
  };
  const { containers, initContainers, resources: ofPod } = pod.spec;
  const given = allocation.get(wholePod) ?? {};
  const spec = {
    ...pod.spec,
    ...((ofPod || given.limits || given.requests) && { resources: given }),
    containers: containers.map(give),
    ...(initContainers && { initContainers: initContainers.map(give) }),
  };
  return { ...pod, spec };
}

/** What a container, or a Pod's machine, was made or last changed with; undefined for one that an older daemon made. */
export function actuatedResources({
  annotations,
}: Pick<ContainerStatus, "annotations">): V1ResourceRequirements | undefined {
  const text = annotations[resourcesAnnotation];
  // This host wrote it, from a container's resources.
  return text === undefined ? undefined : (JSON.parse(text) as V1ResourceRequirements);
}

export function isSameAllocation(one: Allocation, other: Allocation): boolean {
  return (
    one.size === other.size &&
    [...one].every(([name, resources]) => isSameResources(resources, other.get(name) ?? {}))
  );
}

/** Whether both mean the same amounts, however they are written. */
export function isSameResources(one: V1ResourceRequirements, other: V1ResourceRequirements): boolean {
  return isSameList(one.limits, other.limits) && isSameList(one.requests, other.requests);
}

type ResourceList = Readonly<Record<string, string>>;

function isSameList(one: ResourceList = {}, other: ResourceList = {}): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSameQuantity(one[name], other[name]));
}

export function isSameQuantity(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return parseQuantity(one) === parseQuantity(other);
}
