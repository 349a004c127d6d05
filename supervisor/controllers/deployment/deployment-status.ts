/** What the status of a Deployment says of its ReplicaSets (kubernetes `deployment/sync.go`). */
import type { V1Deployment, V1DeploymentStatus, V1ReplicaSet } from "../../api/generated/types.ts";
import { wantedReplicas } from "../replica-set/replica-kind.ts";
import { positive } from "../replica-set/replica-status.ts";
import { makeCondition, withCondition } from "./deployment-conditions.ts";
import { maxUnavailable, totalAvailable, totalWanted } from "./replica-counts.ts";

export interface DeploymentSets {
  /** That of the Deployment's template, where there is one already. */
  readonly newSet: V1ReplicaSet | undefined;
  readonly oldSets: readonly V1ReplicaSet[];
}

export function allSets({ newSet, oldSets }: DeploymentSets): readonly V1ReplicaSet[] {
  return newSet === undefined ? oldSets : [...oldSets, newSet];
}

/** Counts, and whether enough Pods are available. */
export function deploymentStatus(
  deployment: V1Deployment,
  sets: DeploymentSets,
  nowMs: number,
): V1DeploymentStatus {
  const all = allSets(sets);
  const sum = (count: (set: V1ReplicaSet) => number | undefined) =>
    all.reduce((total, set) => total + (count(set) ?? 0), 0);
  const available = totalAvailable(all);
  const isEnough = available >= wantedReplicas(deployment) - maxUnavailable(deployment);
  const condition = isEnough
    ? makeCondition(
        "Available",
        "True",
        "MinimumReplicasAvailable",
        "Deployment has minimum availability.",
        nowMs,
      )
    : makeCondition(
        "Available",
        "False",
        "MinimumReplicasUnavailable",
        "Deployment does not have minimum availability.",
        nowMs,
      );
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  const areTerminatingKnown = all.every(({ status }) => status?.terminatingReplicas !== undefined);
  return {
    ...positive("observedGeneration", deployment.metadata?.generation ?? 0),
    ...positive(
      "replicas",
      sum(({ status }) => status?.replicas),
    ),
    ...positive("updatedReplicas", sets.newSet?.status?.replicas ?? 0),
    ...positive(
      "readyReplicas",
      sum(({ status }) => status?.readyReplicas),
    ),
    ...positive("availableReplicas", available),
    ...positive("unavailableReplicas", Math.max(0, totalWanted(all) - available)),
    ...(areTerminatingKnown ? { terminatingReplicas: sum(({ status }) => status?.terminatingReplicas) } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, condition),
  };
}

/** Whether all Pods are of the newest template and available. */
export function isComplete(deployment: V1Deployment, status: V1DeploymentStatus): boolean {
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  const wanted = wantedReplicas(deployment);
  return (
    [updatedReplicas, replicas, availableReplicas].every((count) => count === wanted) &&
    observedGeneration >= (deployment.metadata?.generation ?? 0)
  );
}

/** Whether two statuses say the same; an absent count is 0. */
export function isSameStatus(left: V1DeploymentStatus = {}, right: V1DeploymentStatus = {}): boolean {
  const counts = [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "terminatingReplicas",
    "collisionCount",
  ] as const;
  if (counts.some((name) => (left[name] ?? 0) !== (right[name] ?? 0))) return false;
  return Bun.deepEquals(left.conditions ?? [], right.conditions ?? []);
}
