import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import { type ContainerKill, type ProbesOf, reasonToKill } from "./container-kill.ts";
import { latestInstance, type PodRuntimeState } from "./pod-runtime-state.ts";
import { isSidecar, restartsAfter } from "./restart-policy.ts";

export interface InitActions {
  /** The other containers may start. */
  readonly done: boolean;
  /** One has failed for good, and the Pod with it. */
  readonly failed: boolean;
  readonly start: readonly V1Container[];
  readonly kill: readonly ContainerKill[];
}

/**
 * Where the init containers stand in this machine (kubelet `computeInitContainerActions`): one after another they end,
 * or have started if they are sidecars, which are kept running from then on. A new machine begins with the first.
 */
export function initActions(pod: V1Pod, inSandbox: PodRuntimeState, probesOf: ProbesOf): InitActions {
  const { initContainers = [] } = pod.spec ?? {};
  const reached = reachedInit(pod, inSandbox);
  const start: V1Container[] = [];
  const kill: ContainerKill[] = [];
  for (const [index, container] of initContainers.entries()) {
    const instance = latestInstance(inSandbox, container.name);
    if (index > reached) break;
    if (isSidecar(container)) {
      const reason = killOfSidecar(container, instance, probesOf);
      if (reason) kill.push(reason);
      if (reason || instance?.state !== "running") start.push(container);
    }
    if (index < reached) continue;
    const progress = progressOf(pod, container, instance, probesOf);
    if (progress === "failed") return { done: false, failed: true, start: [], kill: [] };
    if (progress === "to start") start.push(container);
    const next = progress === "through" ? initContainers[index + 1] : undefined;
    if (next) start.push(next);
    if (next || progress !== "through") return { done: false, failed: false, start, kill };
  }
  return { done: true, failed: false, start, kill };
}

/** The number of the last init container that was started, or the first's; past all where other containers were. */
function reachedInit({ spec }: V1Pod, inSandbox: PodRuntimeState): number {
  const { initContainers = [], containers = [] } = spec ?? {};
  const wasStarted = ({ name }: V1Container): boolean => latestInstance(inSandbox, name) !== undefined;
  if (containers.some(wasStarted)) return initContainers.length;
  return Math.max(0, initContainers.findLastIndex(wasStarted));
}

function killOfSidecar(
  container: V1Container,
  instance: ContainerStatus | undefined,
  probesOf: ProbesOf,
): ContainerKill | undefined {
  if (instance?.state !== "running") return undefined;
  return reasonToKill("Init container", container, instance, probesOf);
}

/** Where the init container stands whose turn it is. */
function progressOf(
  pod: V1Pod,
  container: V1Container,
  instance: ContainerStatus | undefined,
  probesOf: ProbesOf,
): "to start" | "under way" | "through" | "failed" {
  if (isSidecar(container)) {
    if (instance?.state !== "running") return "under way";
    const hasStarted = !container.startupProbe || probesOf(instance.id)?.startup === "success";
    return hasStarted ? "through" : "under way";
  }
  if (instance?.state === "running") return "under way";
  if (instance?.state !== "exited") return "to start";
  if (instance.exitCode === 0) return "through";
  return restartsAfter(pod, container, instance.exitCode ?? 1) ? "to start" : "failed";
}
