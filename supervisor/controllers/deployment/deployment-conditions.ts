/** The conditions of Deployments (kubernetes `deployment_util.go`). */
import type { V1Deployment, V1DeploymentCondition } from "../../api/generated/types.ts";
import { timestamp } from "../../base/timestamp.ts";

type Conditions = readonly V1DeploymentCondition[];
export type ConditionType = "Available" | "Progressing" | "ReplicaFailure";

/** What says that a Deployment has no deadline: the greatest number. */
const endless = 2 ** 31 - 1;

export function makeCondition(
  type: ConditionType,
  status: "True" | "False" | "Unknown",
  reason: string,
  message: string,
  nowMs: number,
): V1DeploymentCondition {
  const now = timestamp(nowMs);
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message };
}

export function findCondition(
  conditions: Conditions | undefined,
  type: ConditionType,
): V1DeploymentCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function withoutCondition(conditions: Conditions, type: ConditionType): Conditions {
  return conditions.filter((condition) => condition.type !== type);
}

/** Adds or replaces a condition; one of the same status and reason stays as it is. */
export function withCondition(conditions: Conditions, added: V1DeploymentCondition): Conditions {
  const current = conditions.find(({ type }) => type === added.type);
  const isSameStatus = current?.status === added.status;
  if (isSameStatus && current.reason === added.reason) return conditions;
  const { lastTransitionTime } = isSameStatus ? current : added;
  const others = conditions.filter(({ type }) => type !== added.type);
  return [...others, { ...added, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }];
}

/** How long a rollout may go without progress; undefined where it may for ever. */
export function deadlineMs({ spec }: V1Deployment): number | undefined {
  const seconds = spec?.progressDeadlineSeconds ?? endless;
  return seconds === endless ? undefined : seconds * 1000;
}
