import type { V1ContainerStatus, V1Pod, V1PodCondition } from "../../../supervisor/api/generated/types.ts";
import { timestamp } from "../../../supervisor/base/timestamp.ts";
import type { PodPhase } from "./pod-phase.ts";
import { couldRestartAll, isSidecar } from "./restart-policy.ts";

export interface ConditionsInput {
  readonly pod: V1Pod;
  readonly phase: PodPhase;
  readonly init: readonly V1ContainerStatus[];
  readonly regular: readonly V1ContainerStatus[];
  /** The Pod's machine runs and has its network. */
  readonly sandboxReady: boolean;
  /** All containers are being ended to begin anew. */
  readonly restartingAll: boolean;
  /** Of a resize that waits or is under way, with the generations that they speak of. */
  readonly resize: readonly Draft[];
  readonly nowMs: number;
  /** Why this host ends the Pod though nobody deleted it. */
  readonly disruption?: string;
}

/** The conditions that are this host's to set. */
export const ownConditions: ReadonlySet<string> = new Set([
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
  "AllContainersRestarting",
  "PodResizePending",
  "PodResizeInProgress",
]);

/** Says that somebody ends the Pod though nobody deleted it: the host, where nobody did so before. */
export const disruptionTarget = "DisruptionTarget";

type Draft = Pick<V1PodCondition, "type" | "status" | "reason" | "message" | "observedGeneration">;

/** The conditions that a kubelet sets. Those of others stay as they are, and a time changes with its status only. */
export function podConditions(input: ConditionsInput): V1PodCondition[] {
  const before = input.pod.status?.conditions ?? [];
  const containers = containersReady(input);
  const drafts: Draft[] = [
    { type: "PodReadyToStartContainers", status: input.sandboxReady ? "True" : "False" },
    initialized(input),
    podReady(input.pod, containers),
    containers,
    { type: "PodScheduled", status: "True" },
    ...restartingAll(input),
    ...input.resize,
  ];
  const isToldOf = before.some(({ type, status }) => type === disruptionTarget && status === "True");
  if (input.disruption !== undefined && !isToldOf) drafts.push(disruption(input.disruption));
  const generation = input.pod.metadata?.generation;
  const made = drafts.map((draft): V1PodCondition => {
    const old = before.find(({ type }) => type === draft.type);
    const same = old?.status === draft.status && old.lastTransitionTime;
    return {
      ...(generation !== undefined && { observedGeneration: generation }),
      ...draft,
      lastTransitionTime: same || timestamp(input.nowMs),
    };
  });
  const types = new Set(made.map(({ type }) => type));
  return [...made, ...before.filter(({ type }) => !ownConditions.has(type) && !types.has(type))];
}

function disruption(message: string): Draft {
  return { type: disruptionTarget, status: "True", reason: "TerminationByKubelet", message };
}

function restartingAll({ pod, phase, restartingAll: isRestarting }: ConditionsInput): Draft[] {
  const type = "AllContainersRestarting";
  if (!couldRestartAll(pod)) return [];
  if (phase === "Succeeded") return [{ type, status: "False", reason: "PodCompleted" }];
  if (phase === "Failed") return [{ type, status: "False", reason: "PodFailed" }];
  if (!isRestarting) return [{ type, status: "False" }];
  const message = "container exited with restart policy rule";
  return [{ type, status: "True", reason: "RestartAllContainersStarted", message }];
}

function initialized({ pod, phase, init, regular }: ConditionsInput): Draft {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  const begun = regular.some(({ state }) => state?.running || state?.terminated);
  const sidecars = sidecarNames(pod);
  // A Pod that has been initialized stays so, also when all its containers begin anew.
  const was = pod.status?.conditions?.some((known) => known.type === type && known.status === "True");
  const incomplete = init.filter(({ name, ready, started }) => !(sidecars.has(name) ? started : ready));
  if (begun || was || incomplete.length === 0) return { type, status: "True" };
  const message = `containers with incomplete status: [${incomplete.map(({ name }) => name).join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}

function containersReady({ pod, phase, init, regular }: ConditionsInput): Draft {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const sidecars = sidecarNames(pod);
  const counted = [...init.filter(({ name }) => sidecars.has(name)), ...regular];
  const unready = counted.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { type, status: "True" };
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotReady", message };
}

function sidecarNames({ spec }: V1Pod): ReadonlySet<string> {
  return new Set((spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
}

function podReady(pod: V1Pod, containers: Draft): Draft {
  const type = "Ready";
  if (containers.status !== "True") return { ...containers, type };
  const messages: string[] = [];
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find((known) => known.type === conditionType);
    if (!condition)
      messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== "True") {
      messages.push(
        `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`,
      );
    }
  }
  if (messages.length === 0) return { type, status: "True" };
  return { type, status: "False", reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}
