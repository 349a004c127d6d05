/** Whether a rollout gets on, is done, or is stuck (kubernetes `deployment/progress.go`). */
import type { V1Deployment, V1DeploymentCondition, V1DeploymentStatus } from "../../api/generated/types.ts";
import {
  deadlineMs,
  findCondition,
  makeCondition,
  withCondition,
  withoutCondition,
} from "./deployment-conditions.ts";
import { allSets, type DeploymentSets, deploymentStatus, isComplete } from "./deployment-status.ts";

const availableReason = "NewReplicaSetAvailable";
export const timedOutReason = "ProgressDeadlineExceeded";

/** The status amidst a rollout: what {@link deploymentStatus} says, how it gets on, and what fails. */
export function rolloutStatus(
  deployment: V1Deployment,
  sets: DeploymentSets,
  nowMs: number,
): V1DeploymentStatus {
  const status = deploymentStatus(deployment, sets, nowMs);
  let conditions = status.conditions ?? [];
  if (deadlineMs(deployment) === undefined) conditions = withoutCondition(conditions, "Progressing");
  else conditions = withProgress(deployment, status, sets, nowMs);
  const failure = replicaFailure(sets);
  return {
    ...status,
    conditions:
      failure === undefined
        ? withoutCondition(conditions, "ReplicaFailure")
        : withCondition(conditions, failure),
  };
}

function withProgress(
  deployment: V1Deployment,
  status: V1DeploymentStatus,
  { newSet }: DeploymentSets,
  nowMs: number,
): readonly V1DeploymentCondition[] {
  const { conditions = [] } = status;
  const current = findCondition(deployment.status?.conditions, "Progressing");
  // Without a rollout there is nothing to get on with.
  const isSettled = (status.replicas ?? 0) === (status.updatedReplicas ?? 0);
  if (isSettled && current?.reason === availableReason) return conditions;
  const { name } = (newSet ?? deployment).metadata ?? {};
  const subject = `${newSet === undefined ? "Deployment" : "ReplicaSet"} ${JSON.stringify(name)}`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(conditions, makeCondition("Progressing", "True", availableReason, message, nowMs));
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const message = `${subject} is progressing.`;
    const condition = makeCondition("Progressing", "True", "ReplicaSetUpdated", message, nowMs);
    const since = current?.status === "True" ? current.lastTransitionTime : undefined;
    // Also where the reason is the same: the time of the update tells of the progress.
    const others = withoutCondition(conditions, "Progressing");
    return [...others, since === undefined ? condition : { ...condition, lastTransitionTime: since }];
  }
  if (hasTimedOut(deployment, current, nowMs)) {
    const message = `${subject} has timed out progressing.`;
    return withCondition(conditions, makeCondition("Progressing", "False", timedOutReason, message, nowMs));
  }
  return conditions;
}

/** Whether there are more new Pods, more ready or available ones, or fewer old ones. */
function hasProgressed(before: V1DeploymentStatus, now: V1DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: V1DeploymentStatus) => replicas - updatedReplicas;
  const grows = (name: "updatedReplicas" | "readyReplicas" | "availableReplicas") =>
    (now[name] ?? 0) > (before[name] ?? 0);
  return (
    old(now) < old(before) || grows("updatedReplicas") || grows("readyReplicas") || grows("availableReplicas")
  );
}

function hasTimedOut(
  deployment: V1Deployment,
  progressing: V1DeploymentCondition | undefined,
  nowMs: number,
): boolean {
  const limitMs = deadlineMs(deployment);
  if (progressing === undefined || limitMs === undefined || progressing.reason === availableReason)
    return false;
  if (progressing.reason === timedOutReason) return true;
  return Date.parse(progressing.lastUpdateTime ?? "") + limitMs < nowMs;
}

/** The newest set's failure before those of the others. */
function replicaFailure(sets: DeploymentSets): V1DeploymentCondition | undefined {
  const newestFirst = [...allSets(sets)].reverse();
  const found = newestFirst
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type }) => type === "ReplicaFailure");
  if (found === undefined) return undefined;
  const { lastTransitionTime } = found;
  return { ...found, ...(lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime }) };
}

/** In how long to look whether the deadline has passed; undefined where nothing is awaited. */
export function nextProgressCheckMs(deployment: V1Deployment, nowMs: number): number | undefined {
  const { status = {} } = deployment;
  const limitMs = deadlineMs(deployment);
  const progressing = findCondition(status.conditions, "Progressing");
  if (limitMs === undefined || progressing === undefined || progressing.reason === timedOutReason) {
    return undefined;
  }
  if (isComplete(deployment, status)) return undefined;
  const leftMs = Date.parse(progressing.lastUpdateTime ?? "") + limitMs - nowMs;
  // A second more: the time of the update has none of its parts.
  return Math.max(leftMs, 0) + 1000;
}
