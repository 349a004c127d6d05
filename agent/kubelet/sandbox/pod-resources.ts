import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { quantityMillis, quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import type { ContainerResources } from "../../runtime/runtime.ts";
import { isSidecar } from "../pods/restart-policy.ts";

const mebibyte = 1024 * 1024;

/** What a container without a memory limit is counted with. */
const defaultMemoryBytes = 256 * mebibyte;
/** What a container without a CPU limit is counted with. */
const defaultCpuMillis = 1000;
/** Memory of a machine that its kernel and the runtime in it take, beside all containers, unless the Pod's overhead is more. */
const guestMemoryBytes = 64 * mebibyte;

export interface MachineSize {
  readonly cpuCount: number;
  readonly memoryBytes: number;
}

/** CPU in thousandths, everything else in whole units. */
export function resourceAmount(name: string, quantity: string): number {
  return name === "cpu" ? quantityMillis(quantity) : quantityValue(quantity);
}

/**
 * What the Pod requests of a node: the containers and sidecars together, or the largest init container with the
 * sidecars that started before it, whichever is more, and the Pod's overhead (component-helpers
 * `resource.PodRequests`).
 */
export function podRequests(pod: V1Pod): Map<string, number> {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const names = new Set(
    [...containers, ...initContainers].flatMap((container) => [...requests(container).keys()]),
  );
  const total = new Map<string, number>();
  for (const name of names)
    total.set(
      name,
      largest(pod, (container) => requests(container).get(name) ?? 0),
    );
  for (const [name, quantity] of Object.entries(pod.spec?.resources?.requests ?? {})) {
    total.set(name, resourceAmount(name, quantity));
  }
  for (const [name, quantity] of Object.entries(pod.spec?.overhead ?? {})) {
    total.set(name, (total.get(name) ?? 0) + resourceAmount(name, quantity));
  }
  return total;
}

function requests(container: V1Container): Map<string, number> {
  const { limits, requests: own } = container.resources ?? {};
  const quantities = Object.entries({ ...limits, ...own });
  return new Map(quantities.map(([name, text]) => [name, resourceAmount(name, text)]));
}

/**
 * The size of the Pod's machine: the sum of its containers' limits, the defaults of this file standing in for those
 * without one, at least what the machine's class says, and what the guest itself takes. Never more CPUs than the node
 * has.
 */
export function machineSize(pod: V1Pod, node: MachineSize, least: Partial<MachineSize> = {}): MachineSize {
  const own = pod.spec?.resources?.limits ?? {};
  const cpuMillis = own.cpu ? quantityMillis(own.cpu) : largest(pod, containerCpuMillis);
  const memoryBytes = own.memory ? quantityValue(own.memory) : largest(pod, containerMemoryBytes);
  return {
    cpuCount: Math.max(
      1,
      Math.min(Math.max(Math.ceil(cpuMillis / 1000), least.cpuCount ?? 1), node.cpuCount),
    ),
    memoryBytes: wholeMebibytes(Math.max(memoryBytes, least.memoryBytes ?? 0)) + guestBytes(pod),
  };
}

/** Whether a container's memory is bounded by nothing but the node: then the machine may grow as it needs more. */
export function hasUnboundMemory({ spec }: V1Pod): boolean {
  if (spec?.resources?.limits?.memory) return false;
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return all.some(({ resources }) => !resources?.limits?.memory);
}

/** A Pod's overhead is what its author, or its RuntimeClass, counts for the machine itself. */
function guestBytes(pod: V1Pod): number {
  return Math.max(guestMemoryBytes, wholeMebibytes(quantityValue(pod.spec?.overhead?.memory ?? "0")));
}

function wholeMebibytes(bytes: number): number {
  return Math.ceil(bytes / mebibyte) * mebibyte;
}

/** The most that containers which run at the same time have together. */
function largest({ spec }: V1Pod, size: (container: V1Container) => number): number {
  let most = 0;
  let sidecars = 0;
  for (const container of spec?.initContainers ?? []) {
    most = Math.max(most, sidecars + size(container));
    if (isSidecar(container)) sidecars += size(container);
  }
  const together = (spec?.containers ?? []).reduce((sum, container) => sum + size(container), sidecars);
  return Math.max(most, together);
}

function containerCpuMillis({ resources }: V1Container): number {
  const { limits, requests: own } = resources ?? {};
  if (limits?.cpu) return quantityMillis(limits.cpu);
  return Math.max(defaultCpuMillis, quantityMillis(own?.cpu ?? "0"));
}

function containerMemoryBytes({ resources }: V1Container): number {
  const { limits, requests: own } = resources ?? {};
  if (limits?.memory) return quantityValue(limits.memory);
  return Math.max(defaultMemoryBytes, quantityValue(own?.memory ?? "0"));
}

/** The container's cgroup inside its machine. Where it has no limit of its own the Pod's counts (kubelet `getCPULimit`). */
export function containerResources(pod: V1Pod, container: V1Container): ContainerResources {
  const { limits = {}, requests: own = {} } = container.resources ?? {};
  const ofPod = pod.spec?.resources?.limits ?? {};
  const cpuLimit = limits.cpu ?? ofPod.cpu ?? "0";
  return {
    cpuMillis: quantityMillis(cpuLimit),
    cpuWeight: cpuWeight(quantityMillis(own.cpu ?? cpuLimit)),
    memoryBytes: quantityValue(limits.memory ?? ofPod.memory ?? "0"),
  };
}

/** What all containers of a Pod may use together; undefined where the Pod itself sets no limit. */
export function podCgroupResources(pod: V1Pod): ContainerResources | undefined {
  const { limits, requests: own = {} } = pod.spec?.resources ?? {};
  if (!limits?.cpu && !limits?.memory) return undefined;
  return {
    cpuMillis: quantityMillis(limits.cpu ?? "0"),
    cpuWeight: cpuWeight(quantityMillis(own.cpu ?? limits.cpu ?? "0")),
    memoryBytes: quantityValue(limits.memory ?? "0"),
  };
}

/** The share of the host's processors that the Pod's machine has against others, by its requests. */
export function podCpuWeight(pod: V1Pod): number {
  return cpuWeight(podRequests(pod).get("cpu") ?? 0);
}

/**
 * `cpu.weight` for a CPU request: one CPU has the default weight 100, and the ends of the old scale of shares (2 to
 * 262144) are those of the new one (1 to 10000). The curve through the three points is the OCI runtimes' own.
 */
function cpuWeight(cpuMillis: number): number {
  const shares = Math.min(Math.max(Math.floor((cpuMillis * 1024) / 1000), 2), 262_144);
  const log = Math.log2(shares);
  const weight = Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
  return Math.min(Math.max(weight, 1), 10_000);
}
