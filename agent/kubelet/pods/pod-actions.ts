import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import { containerHash } from "../containers/container-hash.ts";
import { containerHashAnnotation } from "../sandbox/pod-identity.ts";
import { latestInstance, type PodRuntimeState } from "./pod-runtime-state.ts";

/** What brings a Pod from what the runtime has to what its spec asks for (kubelet `computePodActions`). */
export interface PodActions {
  /** Everything of the Pod that runs is to end first, its machine too. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** The machine to start containers in, where there is one already. */
  readonly sandboxId?: string;
  /** The number of the machine to make. */
  readonly attempt: number;
  readonly kill: ReadonlyArray<{ readonly container: ContainerStatus; readonly message: string }>;
  readonly start: readonly V1Container[];
}

export function podActions(pod: V1Pod, state: PodRuntimeState): PodActions {
  const newest = state.sandboxes[0];
  const ready = state.sandboxes.filter((sandbox) => sandbox.state === "ready");
  if (newest?.state !== "ready" || ready.length > 1 || lostContainer(state, newest.id)) {
    return newSandboxActions(pod, state);
  }

  const base = { createSandbox: false, sandboxId: newest.id, attempt: newest.metadata.attempt };
  const init = nextInitContainer(pod, state, newest.id);
  if (init.failed) return { ...base, killPod: true, kill: [], start: [] };
  if (!init.done) return { ...base, killPod: false, kill: [], start: init.next ? [init.next] : [] };

  const kill: Array<{ container: ContainerStatus; message: string }> = [];
  const start: V1Container[] = [];
  let kept = 0;
  for (const container of pod.spec?.containers ?? []) {
    const instance = latestInstance(state, container.name);
    if (instance?.state === "running" && instance.sandboxId === newest.id) {
      if (instance.annotations[containerHashAnnotation] === containerHash(container)) {
        kept++;
        continue;
      }
      kill.push({ container: instance, message: `Container ${container.name} definition changed` });
      start.push(container);
    } else if (shouldRestart(pod, instance)) {
      start.push(container);
    }
  }
  return { ...base, killPod: kept === 0 && start.length === 0, kill, start };
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
  if (pod.spec?.restartPolicy === "Never" && hasRun) return nothing;
  const start = (pod.spec?.containers ?? []).filter((container) =>
    shouldRestart(pod, latestInstance(state, container.name)),
  );
  if (start.length === 0) return nothing;
  const [firstInit] = pod.spec?.initContainers ?? [];
  return { killPod: true, createSandbox: true, attempt, kill: [], start: firstInit ? [firstInit] : start };
}

/** Whether a container that is in this state, or has none, is to run (kubelet `ShouldContainerBeRestarted`). */
export function shouldRestart(pod: V1Pod, instance: ContainerStatus | undefined): boolean {
  if (pod.metadata?.deletionTimestamp) return false;
  if (!instance || instance.state === "created") return true;
  if (instance.state === "running") return false;
  const policy = pod.spec?.restartPolicy ?? "Always";
  if (policy === "Never") return false;
  return policy === "Always" || instance.exitCode !== 0;
}

interface InitProgress {
  readonly done: boolean;
  readonly failed: boolean;
  readonly next?: V1Container;
}

/** Where the init containers stand in this machine: a new machine begins with the first. */
function nextInitContainer(pod: V1Pod, state: PodRuntimeState, sandboxId: string): InitProgress {
  const inSandbox = {
    ...state,
    containers: state.containers.filter((container) => container.sandboxId === sandboxId),
  };
  const isRegular = (name: string): boolean =>
    pod.spec?.containers.some((container) => container.name === name) ?? false;
  if (inSandbox.containers.some((container) => isRegular(container.metadata.name))) {
    return { done: true, failed: false };
  }
  for (const container of pod.spec?.initContainers ?? []) {
    const instance = latestInstance(inSandbox, container.name);
    if (instance?.state === "running") return { done: false, failed: false };
    if (instance?.state === "exited" && instance.exitCode === 0) continue;
    const failed = instance?.state === "exited" && pod.spec?.restartPolicy === "Never";
    return failed ? { done: false, failed } : { done: false, failed, next: container };
  }
  return { done: true, failed: false };
}
