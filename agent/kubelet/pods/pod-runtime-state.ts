import type { ContainerStatus, PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import { restartCountAnnotation } from "../sandbox/pod-identity.ts";

/** What the runtime has of one Pod, newest first. */
export interface PodRuntimeState {
  readonly sandboxes: readonly PodSandboxStatus[];
  readonly containers: readonly ContainerStatus[];
}

/** Reads what the runtime has of a Pod; it is the only memory that workers trust after a restart. */
export function podRuntimeState(runtime: Runtime, uid: string): PodRuntimeState {
  const sandboxes = runtime
    .listPodSandboxes()
    .filter((sandbox) => sandbox.metadata.uid === uid)
    .sort((a, b) => b.metadata.attempt - a.metadata.attempt || b.createdAt.getTime() - a.createdAt.getTime());
  const containers = sandboxes
    .flatMap((sandbox) => runtime.listContainers(sandbox.id))
    .sort((a, b) => restartCount(b) - restartCount(a) || b.createdAt.getTime() - a.createdAt.getTime());
  return { sandboxes, containers };
}

/** How often the container was restarted before this one. */
export function restartCount(container: ContainerStatus): number {
  const noted = Number(container.annotations[restartCountAnnotation]);
  return Number.isInteger(noted) ? noted : container.metadata.attempt;
}

/** The container's instances, newest first. */
export function instancesOf(state: PodRuntimeState, name: string): readonly ContainerStatus[] {
  return state.containers.filter((container) => container.metadata.name === name);
}

export function latestInstance(state: PodRuntimeState, name: string): ContainerStatus | undefined {
  return state.containers.find((container) => container.metadata.name === name);
}
