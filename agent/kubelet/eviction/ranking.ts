import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { podRequests } from "../sandbox/pod-resources.ts";
import type { PodStats } from "../stats/summary.ts";
import type { EvictionResource } from "./thresholds.ts";

/** A Pod that may be evicted, with what is known of its use. */
export interface Candidate {
  readonly pod: V1Pod;
  readonly stats?: PodStats;
}

/**
 * Who is evicted first (kubelet `rankMemoryPressure` and its kin): those that use more than they request, then those of
 * the lowest priority, then those that exceed their requests by most.
 */
export function rankForEviction(candidates: readonly Candidate[], resource: EvictionResource): Candidate[] {
  const measured = candidates.map((candidate) => ({
    candidate,
    excess: used(candidate, resource) - requested(candidate.pod, resource),
    priority: candidate.pod.spec?.priority ?? 0,
  }));
  const exceeds = (excess: number): number => (resource === "pids" || excess <= 0 ? 1 : 0);
  return measured
    .sort((a, b) => exceeds(a.excess) - exceeds(b.excess) || a.priority - b.priority || b.excess - a.excess)
    .map(({ candidate }) => candidate);
}

function used({ stats }: Candidate, resource: EvictionResource): number {
  switch (resource) {
    case "memory":
      return stats?.memory?.workingSetBytes ?? 0;
    case "ephemeral-storage":
      return stats?.["ephemeral-storage"]?.usedBytes ?? 0;
    case "inodes":
      return stats?.["ephemeral-storage"]?.inodesUsed ?? 0;
    case "pids":
      return stats?.process_stats?.process_count ?? 0;
  }
}

function requested(pod: V1Pod, resource: EvictionResource): number {
  if (resource === "inodes" || resource === "pids") return 0;
  return podRequests(pod).get(resource) ?? 0;
}

/** Whom no pressure evicts: static Pods, and those that the node cannot do without (kubelet `IsCriticalPod`). */
export function isCritical(pod: V1Pod): boolean {
  const source = pod.metadata?.annotations?.["kubernetes.io/config.source"];
  const isStatic = source !== undefined && source !== "api";
  return isStatic || (pod.spec?.priority ?? 0) >= systemCriticalPriority;
}

/** The priority from which on Pods are the system's own (`SystemCriticalPriority`). */
const systemCriticalPriority = 2_000_000_000;
