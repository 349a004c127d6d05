import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { quantityMillis, quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { ContainerStatus, PodSandboxStatus, PodSandboxUpdate, Runtime } from "../../runtime/runtime.ts";
import type { NodeFit } from "../node/node-fit.ts";
import { latestInstance, type PodRuntimeState, podRuntimeState } from "../pods/pod-runtime-state.ts";
import { podIdentity, resourcesAnnotation } from "../sandbox/pod-identity.ts";
import { containerResources, type MachineSize } from "../sandbox/pod-resources.ts";
import {
  type Allocation,
  actuatedResources,
  desiredAllocation,
  isSameAllocation,
  isSameResources,
  resizableContainers,
  wholePod,
  withAllocation,
} from "./container-allocation.ts";
import type { PodResize } from "./pod-resize.ts";
import { resizeMessage } from "./resize-message.ts";
import { resizeNeedsRestart } from "./resize-restart.ts";
import { largerSize, sandboxSize } from "./sandbox-size.ts";

export interface PodResizerOptions {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly fit: NodeFit;
  readonly nodeSize: MachineSize;
}

interface MachineChange {
  readonly sandboxId: string;
  readonly during: PodSandboxUpdate;
  readonly after: PodSandboxUpdate;
}

interface Change {
  readonly container: V1Container;
  readonly instance: ContainerStatus;
}

/**
 * Changes resources of containers that run (kubelet `allocation.Manager` and `doPodResizeAction`): first the node
 * decides whether it gives what is asked for, then the containers get it.
 */
export class PodResizer {
  readonly #options: PodResizerOptions;

  constructor(options: PodResizerOptions) {
    this.#options = options;
  }

  /** The Pod with what the host has given it until now. */
  allocated(pod: V1Pod, resize: PodResize): V1Pod {
    resize.allocation ??= this.#known(pod);
    return withAllocation(pod, resize.allocation);
  }

  /** Decides about what the Pod asks for beyond what it has; returns the Pod with what it gets. */
  allocate(pod: V1Pod, resize: PodResize): V1Pod {
    const allocated = this.allocated(pod, resize);
    if (allocated === pod) {
      resize.pending = undefined;
      return pod;
    }
    const { fit, recorder } = this.#options;
    const observedGeneration = pod.metadata?.generation;
    const rejection = fit.admitResize(pod);
    if (!rejection) {
      resize.allocation = desiredAllocation(pod);
      resize.pending = undefined;
      resize.inProgress = { ...(observedGeneration !== undefined && { observedGeneration }) };
      recorder.event(pod, "Normal", "ResizeStarted", resizeMessage("started", pod));
      return pod;
    }
    const { reason, message } = rejection;
    if (resize.pending?.reason !== reason || resize.pending.message !== message) {
      recorder.event(pod, "Warning", `Resize${reason}`, resizeMessage(reason, pod, message));
    }
    resize.pending = { reason, message, ...(observedGeneration !== undefined && { observedGeneration }) };
    return allocated;
  }

  /** Gives running containers what the Pod is given; those that must be made anew for it are left to be ended. */
  async actuate(pod: V1Pod, resize: PodResize): Promise<boolean> {
    const all = this.#changes(pod);
    const changes = all.filter((change) => !needsRestart(change));
    const machine = this.#machineChange(pod, all.length > 0);
    try {
      if (machine) await this.#options.runtime.updatePodSandbox(machine.sandboxId, machine.during);
      // What is given back first is there for the others.
      for (const change of changes.sort((a, b) => growth(a) - growth(b))) await this.#change(pod, change);
      if (machine) await this.#options.runtime.updatePodSandbox(machine.sandboxId, machine.after);
      if (resize.inProgress?.reason) resize.inProgress = withoutError(resize.inProgress);
      return true;
    } catch (error) {
      const message = messageOf(error);
      if (resize.inProgress && resize.inProgress.message !== message) {
        resize.inProgress = { ...resize.inProgress, reason: "Error", message };
        this.#options.recorder.event(pod, "Warning", "ResizeError", resizeMessage("error", pod, message));
      }
      return false;
    }
  }

  /** Ends a resize whose containers all have what they were given. */
  settle(pod: V1Pod, resize: PodResize): void {
    if (!resize.inProgress || this.#changes(pod).length > 0 || this.#isPodChanged(pod)) return;
    resize.inProgress = undefined;
    this.#options.recorder.event(pod, "Normal", "ResizeCompleted", resizeMessage("completed", pod));
  }

  /** What containers that are there were given, and what the Pod asks for in place of the others. */
  #known(pod: V1Pod): Allocation {
    const state = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    const given = resizableContainers(pod).map(({ name, resources = {} }) => {
      const instance = latestInstance(state, name);
      return [name, (instance && actuatedResources(instance)) ?? resources] as const;
    });
    const machine = readyMachine(state);
    const ofPod = (machine && actuatedResources(machine)) ?? pod.spec?.resources ?? {};
    const known: Allocation = new Map([[wholePod, ofPod], ...given]);
    return isSameAllocation(known, desiredAllocation(pod)) ? desiredAllocation(pod) : known;
  }

  #isPodChanged(pod: V1Pod): boolean {
    const machine = readyMachine(podRuntimeState(this.#options.runtime, podIdentity(pod).uid));
    const given = machine && actuatedResources(machine);
    return given !== undefined && !isSameResources(given, pod.spec?.resources ?? {});
  }

  /** What the machine is to have while its containers change, and then: the larger of both until all are changed. */
  #machineChange(pod: V1Pod, hasChanges: boolean): MachineChange | undefined {
    const { runtime, nodeSize } = this.#options;
    const machine = readyMachine(podRuntimeState(runtime, podIdentity(pod).uid));
    if (!machine || !(hasChanges || this.#isPodChanged(pod))) return undefined;
    const after = sandboxSize(pod, nodeSize);
    const before = sandboxSize(withAllocation(pod, this.#known(pod)), nodeSize);
    return { sandboxId: machine.id, during: largerSize(before, after), after };
  }

  #changes(pod: V1Pod): Change[] {
    const state = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    const isPodChanged = this.#isPodChanged(pod);
    return resizableContainers(pod).flatMap((container) => {
      const instance = latestInstance(state, container.name);
      const actuated = instance && actuatedResources(instance);
      const isRunning = instance?.state === "running" && actuated !== undefined;
      const followsPod =
        isPodChanged && !(container.resources?.limits?.cpu && container.resources.limits.memory);
      return isRunning && (followsPod || !isSameResources(actuated, container.resources ?? {}))
        ? [{ container, instance }]
        : [];
    });
  }

  async #change(pod: V1Pod, { container, instance }: Change): Promise<void> {
    const { runtime } = this.#options;
    const limit = quantityValue(container.resources?.limits?.memory ?? "0");
    const before = quantityValue(actuatedResources(instance)?.limits?.memory ?? "0");
    if (limit > 0 && (before === 0 || limit < before)) {
      const { containers } = await runtime.podSandboxStats(instance.sandboxId);
      const used = containers.find(({ id }) => id === instance.id)?.usage.memory.usedBytes ?? 0;
      if (used >= limit) {
        throw new Error(
          `attempting to set container ${JSON.stringify(container.name)} memory limit (${limit}) below current usage (${used})`,
        );
      }
    }
    await runtime.updateContainer(instance.id, {
      resources: containerResources(pod, container),
      annotations: { [resourcesAnnotation]: JSON.stringify(container.resources ?? {}) },
    });
  }
}

function readyMachine({ sandboxes }: PodRuntimeState): PodSandboxStatus | undefined {
  return sandboxes.find(({ state }) => state === "ready");
}

function needsRestart({ container, instance }: Change): boolean {
  return resizeNeedsRestart(container, instance);
}

function growth({ container, instance }: Change): number {
  const before = actuatedResources(instance)?.limits ?? {};
  const after = container.resources?.limits ?? {};
  const memory = quantityValue(after.memory ?? "0") - quantityValue(before.memory ?? "0");
  return memory || quantityMillis(after.cpu ?? "0") - quantityMillis(before.cpu ?? "0");
}

function withoutError({ observedGeneration }: { observedGeneration?: number }): {
  observedGeneration?: number;
} {
  return observedGeneration === undefined ? {} : { observedGeneration };
}
