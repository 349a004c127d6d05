/** What the status of a ReplicaSet says of its Pods (kubernetes `replica_set_utils.go`). */
import type { V1Pod, V1ReplicaSetCondition, V1ReplicaSetStatus } from "../../api/generated/types.ts";
import { timestamp } from "../../base/timestamp.ts";
import { availableAt, readySince } from "../pod-control/pod-state.ts";
import { type ReplicaOwner, wantedReplicas } from "./replica-kind.ts";

const failureType = "ReplicaFailure";

interface Observation {
  readonly active: readonly V1Pod[];
  /** Undefined where they are not counted. */
  readonly terminating: readonly V1Pod[] | undefined;
  /** Why Pods could not be created or deleted. */
  readonly failure: string | undefined;
  readonly nowMs: number;
}

export function replicaStatus(
  owner: ReplicaOwner,
  { active, terminating, failure, nowMs }: Observation,
): V1ReplicaSetStatus {
  const { metadata, spec } = owner;
  const labels = Object.entries(spec?.template?.metadata?.labels ?? {});
  const isLabeled = (pod: V1Pod) => labels.every(([key, value]) => pod.metadata?.labels?.[key] === value);
  const isAvailable = (pod: V1Pod) => {
    const atMs = availableAt(pod, spec?.minReadySeconds ?? 0);
    return atMs !== undefined && atMs <= nowMs;
  };
  const conditions = conditionsOf(owner, active.length - wantedReplicas(owner), failure, nowMs);
  const generation = metadata?.generation ?? 0;
  return {
    replicas: active.length,
    ...positive("fullyLabeledReplicas", active.filter(isLabeled).length),
    ...positive("readyReplicas", active.filter((pod) => readySince(pod) !== undefined).length),
    ...positive("availableReplicas", active.filter(isAvailable).length),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating.length }),
    ...positive("observedGeneration", generation),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** A field of a count, absent for 0 as upstream writes it. */
export function positive<Name extends string>(
  name: Name,
  value: number,
): { readonly [Key in Name]?: number } {
  // The one key that is written is the name; TypeScript takes a computed key for any text.
  return value === 0 ? {} : ({ [name]: value } as { readonly [Key in Name]: number });
}

function conditionsOf(
  { status }: ReplicaOwner,
  surplus: number,
  failure: string | undefined,
  nowMs: number,
): readonly V1ReplicaSetCondition[] {
  const conditions = status?.conditions ?? [];
  const hasFailed = conditions.some(({ type }) => type === failureType);
  if (failure === undefined) {
    return hasFailed ? conditions.filter(({ type }) => type !== failureType) : conditions;
  }
  if (hasFailed) return conditions;
  const failed = {
    type: failureType,
    status: "True",
    lastTransitionTime: timestamp(nowMs),
    ...(surplus === 0 ? {} : { reason: surplus < 0 ? "FailedCreate" : "FailedDelete" }),
    message: failure,
  };
  return [...conditions, failed];
}

/** Whether two statuses say the same; an absent count is 0. */
export function equalStatus(left: V1ReplicaSetStatus | undefined, right: V1ReplicaSetStatus): boolean {
  const counts = [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "terminatingReplicas",
    "observedGeneration",
  ] as const;
  if (counts.some((name) => (left?.[name] ?? 0) !== (right[name] ?? 0))) return false;
  return Bun.deepEquals(left?.conditions ?? [], right.conditions ?? []);
}

/** In how long a Pod that is ready becomes available by itself; undefined where there is none. */
export function nextAvailabilityMs(
  pods: readonly V1Pod[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  const times = pods.flatMap((pod) => {
    const atMs = availableAt(pod, minReadySeconds);
    return atMs === undefined || atMs <= nowMs ? [] : [atMs - nowMs];
  });
  const nextMs = Math.min(...times);
  return Number.isFinite(nextMs) ? nextMs : undefined;
}
