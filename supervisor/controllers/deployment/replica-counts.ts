/** How many Pods each ReplicaSet of a Deployment may have (kubernetes `deployment_util.go`). */
import type { V1Deployment, V1ReplicaSet } from "../../api/generated/types.ts";
import { wantedReplicas } from "../replica-set/replica-kind.ts";
import { desiredReplicasOf, maxReplicasOf } from "./revision-annotations.ts";

export function isRolling({ spec }: V1Deployment): boolean {
  return spec?.strategy?.type !== "Recreate";
}

/** How many Pods there may be beyond those that are wanted. */
export function maxSurge(deployment: V1Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

/** How many of the wanted Pods may be unavailable. */
export function maxUnavailable(deployment: V1Deployment): number {
  return isRolling(deployment) ? Math.min(fenceposts(deployment).unavailable, wantedReplicas(deployment)) : 0;
}

/** A surge is rounded up, what may be missing down; where both are nothing, one may be missing: else nothing moves. */
function fenceposts(deployment: V1Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge: surgeText, maxUnavailable: unavailableText } =
    deployment.spec?.strategy?.rollingUpdate ?? {};
  const replicas = wantedReplicas(deployment);
  const surge = share(surgeText, replicas, Math.ceil);
  const unavailable = share(unavailableText, replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** A number, or a percentage of all. */
function share(value: number | string | undefined, all: number, round: (value: number) => number): number {
  if (typeof value !== "string") return value ?? 0;
  return round((Number.parseInt(value, 10) * all) / 100) || 0;
}

/** How many Pods the sets are to have. */
export function totalWanted(sets: readonly V1ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + wantedReplicas(set), 0);
}

export function totalAvailable(sets: readonly V1ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

/** Those of the sets that have Pods, or should have. */
export function activeSets(sets: readonly V1ReplicaSet[]): readonly V1ReplicaSet[] {
  return sets.filter((set) => wantedReplicas(set) > 0);
}

/** The size that the newest set may grow to. `others` are all sets but this one, which has `current` so far. */
export function nextNewSize(
  deployment: V1Deployment,
  others: readonly V1ReplicaSet[],
  current: number,
): number {
  const wanted = wantedReplicas(deployment);
  if (!isRolling(deployment)) return wanted;
  const room = wanted + maxSurge(deployment) - totalWanted(others) - current;
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

/** The only set that has Pods, or the newest where none has; undefined where several have. */
export function findActiveOrLatest(
  newSet: V1ReplicaSet | undefined,
  oldSets: readonly V1ReplicaSet[],
): V1ReplicaSet | undefined {
  const active = activeSets(newSet === undefined ? oldSets : [...oldSets, newSet]);
  if (active.length > 1) return undefined;
  return active[0] ?? newSet ?? [...oldSets].sort(compareAges).at(-1);
}

/** Whether the set has all Pods that the Deployment wants, and all are available. */
export function isSaturated(deployment: V1Deployment, set: V1ReplicaSet | undefined): boolean {
  if (set === undefined) return false;
  const wanted = wantedReplicas(deployment);
  const counts = [wantedReplicas(set), desiredReplicasOf(set), set.status?.availableReplicas ?? 0];
  return counts.every((count) => count === wanted);
}

/** The older first, by name where they were created in the same second. */
export function compareAges(left: V1ReplicaSet, right: V1ReplicaSet): number {
  const [one = "", other = ""] = [left.metadata?.creationTimestamp, right.metadata?.creationTimestamp];
  if (one !== other) return one < other ? -1 : 1;
  return (left.metadata?.name ?? "") < (right.metadata?.name ?? "") ? -1 : 1;
}

/**
 * The sizes of a Deployment's active sets after it was scaled amidst a rollout, in the order in which they are to be
 * set: each grows or shrinks by its share, and what rounding leaves goes to the largest.
 */
export function proportionalSizes(
  deployment: V1Deployment,
  sets: readonly V1ReplicaSet[],
): ReadonlyArray<{ readonly set: V1ReplicaSet; readonly size: number }> {
  const wanted = wantedReplicas(deployment);
  const change = (wanted > 0 ? wanted + maxSurge(deployment) : 0) - totalWanted(sets);
  if (change === 0) return sets.map((set) => ({ set, size: wantedReplicas(set) }));
  // Where sizes are the same, the newer grows first and the older shrinks first.
  const bySize = [...sets].sort((left, right) => {
    const difference = wantedReplicas(right) - wantedReplicas(left);
    return difference || (change > 0 ? compareAges(right, left) : compareAges(left, right));
  });
  let left = change;
  const sizes = bySize.map((set) => {
    const part = setFraction(deployment, set);
    const added = change > 0 ? Math.min(part, left) : Math.max(part, left);
    left -= added;
    return { set, size: wantedReplicas(set) + added };
  });
  return sizes.map(({ set, size }, index) => ({ set, size: index === 0 ? Math.max(0, size + left) : size }));
}

/** By how much a set changes with its Deployment. */
function setFraction(deployment: V1Deployment, set: V1ReplicaSet): number {
  const [wanted, size] = [wantedReplicas(deployment), wantedReplicas(set)];
  if (wanted === 0) return -size;
  const before = maxReplicasOf(set) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (wanted + maxSurge(deployment))) / before) - size;
}
