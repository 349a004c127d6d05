/** What an evicted Pod is told, in the kubelet's words (`pkg/kubelet/eviction/helpers.go`). */
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { nanosPerUnit, quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { formatQuantity } from "../../../supervisor/apimachinery/quantity-format.ts";
import type { ContainerStats, PodStats } from "../stats/summary.ts";
import type { Candidate } from "./ranking.ts";
import { type Observation, resourceOf, type Threshold } from "./thresholds.ts";

export function pressureMessage(
  { pod, stats }: Candidate,
  threshold: Threshold,
  observed: Observation,
): string {
  const resource = resourceOf(threshold.signal);
  const isBytes = resource === "memory" || resource === "ephemeral-storage";
  const write = (amount: number): string => quantityText(amount, isBytes);
  const quantity = write(threshold.amount(observed.capacity));
  const low = `The node was low on resource: ${resource}. Threshold quantity: ${quantity}, available: ${write(observed.available)}. `;
  if (!isBytes) return low;
  const blamed = (stats?.containers ?? []).flatMap((container) => {
    const used = usedBy(container, resource);
    const request = requestOf(pod, container.name, resource);
    if (used === undefined || used <= quantityValue(request)) return [];
    return [
      `Container ${container.name} was using ${write(used)}, request is ${request}, has larger consumption of ${resource}. `,
    ];
  });
  return low + blamed.join("");
}

/** Why a Pod has more on the node's disk than it may; undefined where it has not. */
export function storageMessage(pod: V1Pod, stats: PodStats): string | undefined {
  return emptyDirMessage(pod, stats) ?? podStorageMessage(pod, stats) ?? containerStorageMessage(pod, stats);
}

function emptyDirMessage({ spec }: V1Pod, { volume = [] }: PodStats): string | undefined {
  for (const { name, emptyDir } of spec?.volumes ?? []) {
    const limit = emptyDir?.sizeLimit;
    if (limit === undefined || quantityValue(limit) === 0) continue;
    const used = volume.find((each) => each.name === name)?.usedBytes ?? 0;
    if (used > quantityValue(limit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
  }
  return undefined;
}

function podStorageMessage({ spec }: V1Pod, stats: PodStats): string | undefined {
  const limits = (spec?.containers ?? []).map(({ resources }) => resources?.limits?.["ephemeral-storage"]);
  const given = limits.filter((limit) => limit !== undefined);
  if (given.length === 0 || given.length < limits.length) return undefined;
  const total = given.reduce((sum, limit) => sum + quantityValue(limit), 0);
  const used = stats["ephemeral-storage"]?.usedBytes ?? 0;
  if (used <= total) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${quantityText(total, true)}. `;
}

function containerStorageMessage({ spec }: V1Pod, { containers }: PodStats): string | undefined {
  for (const { name, resources } of spec?.containers ?? []) {
    const limit = resources?.limits?.["ephemeral-storage"];
    const stats = containers.find((container) => container.name === name);
    if (limit === undefined || stats === undefined) continue;
    const used = usedBy(stats, "ephemeral-storage") ?? 0;
    if (used > quantityValue(limit)) {
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
    }
  }
  return undefined;
}

/** Whether the Pod may be over a limit of its own, so that its use is to be looked at. */
export function hasStorageLimit({ spec }: V1Pod): boolean {
  const { containers = [], volumes = [] } = spec ?? {};
  return (
    volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    containers.some(({ resources }) => resources?.limits?.["ephemeral-storage"] !== undefined)
  );
}

function usedBy({ memory, rootfs, logs }: ContainerStats, resource: string): number | undefined {
  if (resource === "memory") return memory?.workingSetBytes;
  return rootfs?.usedBytes === undefined ? undefined : rootfs.usedBytes + (logs?.usedBytes ?? 0);
}

function requestOf({ spec }: V1Pod, name: string, resource: string): string {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all.find((container) => container.name === name)?.resources?.requests?.[resource] ?? "0";
}

function quantityText(amount: number, isBinary: boolean): string {
  return formatQuantity(BigInt(Math.round(amount)) * nanosPerUnit, isBinary ? "1Ki" : "1");
}
