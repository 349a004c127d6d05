import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import { type ContainerKill, type ProbesOf, reasonToKill } from "./container-kill.ts";
import { initActions } from "./init-actions.ts";
import { latestInstance, type PodRuntimeState } from "./pod-runtime-state.ts";
import { restartPolicyOf, restartsAfter, restartsAll } from "./restart-policy.ts";

/** What brings a Pod from what the runtime has to what its spec asks for (kubelet `computePodActions`). */
export interface PodActions {
  /** Everything of the Pod that runs is to end first, its machine too. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** The machine to start containers in, where there is one already. */
  readonly sandboxId?: string;
  /** The number of the machine to make. */
  readonly attempt: number;
  /** A container ended in such a way that all are to begin anew in the same machine. */
  readonly restartAll?: V1Container;
  readonly kill: readonly ContainerKill[];
  /** In this order. */
  readonly start: readonly V1Container[];
}

export function podActions(pod: V1Pod, state: PodRuntimeState, probesOf: ProbesOf): PodActions {
  const newest = state.sandboxes[0];
  const ready = state.sandboxes.filter((sandbox) => sandbox.state === "ready");
  if (newest?.state !== "ready" || ready.length > 1 || lostContainer(state, newest.id)) {
    return newSandboxActions(pod, state);
  }

  const base = { createSandbox: false, sandboxId: newest.id, attempt: newest.metadata.attempt };
  const restartAll = restartAllCause(pod, inSandbox(state, newest.id));
  if (restartAll) return { ...base, killPod: false, kill: [], start: [], restartAll };
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).filter(({ name }) => !latestInstance(state, name));
  const init = initActions(pod, inSandbox(state, newest.id), probesOf);
  if (init.failed) return { ...base, killPod: true, kill: [], start: [] };
  if (!init.done) return { ...base, killPod: false, kill: init.kill, start: [...ephemeral, ...init.start] };

  const regular = regularActions(pod, state, newest.id, probesOf);
  if (regular.kept === 0 && regular.start.length === 0)
    return { ...base, killPod: true, kill: [], start: [] };
  return {
    ...base,
    killPod: false,
    kill: [...init.kill, ...regular.kill],
    start: [...ephemeral, ...init.start, ...regular.start],
  };
}

/** The container whose exit asks for a restart of all. */
function restartAllCause(pod: V1Pod, state: PodRuntimeState): V1Container | undefined {
  const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  return all.find((container) => {
    const instance = latestInstance(state, container.name);
    return instance?.state === "exited" && restartsAll(container, instance.exitCode ?? 1);
  });
}

interface RegularActions {
  readonly kill: readonly ContainerKill[];
  readonly start: readonly V1Container[];
  readonly kept: number;
}

function regularActions(
  pod: V1Pod,
  state: PodRuntimeState,
  sandboxId: string,
  probesOf: ProbesOf,
): RegularActions {
  const kill: ContainerKill[] = [];
  const start: V1Container[] = [];
  let kept = 0;
  for (const container of pod.spec?.containers ?? []) {
    const instance = latestInstance(state, container.name);
    if (instance?.state !== "running" || instance.sandboxId !== sandboxId) {
      if (shouldRestart(pod, container, instance)) start.push(container);
      continue;
    }
    const reason = reasonToKill("Container", container, instance, probesOf);
    if (!reason) {
      kept++;
      continue;
    }
    const restarts = !reason.failedProbe || restartPolicyOf(pod, container) !== "Never";
    if (restarts) start.push(container);
    kill.push({ ...reason, message: restarts ? `${reason.message}, will be restarted` : reason.message });
  }
  return { kill, start, kept: kept + kill.length };
}

function inSandbox(state: PodRuntimeState, sandboxId: string): PodRuntimeState {
  return { ...state, containers: state.containers.filter((container) => container.sandboxId === sandboxId) };
}

/** Whether a container ended with its machine: that is known before the machine itself is found to be gone. */
function lostContainer(state: PodRuntimeState, sandboxId: string): boolean {
  return state.containers.some((container) => {
    return container.sandboxId === sandboxId && container.reason === "ContainerStatusUnknown";
  });
}

function newSandboxActions(pod: V1Pod, state: PodRuntimeState): PodActions {
  const attempt = state.sandboxes.length === 0 ? 0 : (state.sandboxes[0]?.metadata.attempt ?? 0) + 1;
  const nothing = { killPod: true, createSandbox: false, attempt, kill: [], start: [] };
  const hasRun = state.containers.length > 0;
  const start = (pod.spec?.containers ?? []).filter((container) => {
    const instance = latestInstance(state, container.name);
    // What a Pod that has run has not started yet is not begun anew where nothing is to be restarted.
    if (hasRun && !instance && restartPolicyOf(pod, container) === "Never") return false;
    return shouldRestart(pod, container, instance);
  });
  if (start.length === 0) return nothing;
  const [firstInit] = pod.spec?.initContainers ?? [];
  return { killPod: true, createSandbox: true, attempt, kill: [], start: firstInit ? [firstInit] : start };
}

/** Whether a container that is in this state, or has none, is to run (kubelet `ShouldContainerBeRestarted`). */
export function shouldRestart(
  pod: V1Pod,
  container: V1Container,
  instance: ContainerStatus | undefined,
): boolean {
  if (pod.metadata?.deletionTimestamp) return false;
  if (!instance || instance.state === "created") return true;
  if (instance.state === "running") return false;
  return restartsAfter(pod, container, instance.exitCode ?? 1);
}
