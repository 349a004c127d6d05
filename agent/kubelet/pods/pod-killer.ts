import { rmSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import type { PodNetwork } from "../../network/pod-network.ts";
import {
  type ContainerStatus,
  type PodSandboxStatus,
  type Runtime,
  RuntimeError,
} from "../../runtime/runtime.ts";
import type { HookRunner } from "../hooks/hook-runner.ts";
import { probeOf } from "../probes/probe-kind.ts";
import { containerFieldPath, podIdentity } from "../sandbox/pod-identity.ts";
import { podLogDirectory, sandboxKey } from "../sandbox/sandbox-config.ts";
import type { ContainerKill } from "./container-kill.ts";
import { ContainerStop, type ContainerStopOptions } from "./container-stop.ts";
import { instancesOf, type PodRuntimeState, podRuntimeState } from "./pod-runtime-state.ts";
import { stopOrder } from "./stop-order.ts";

export interface PodKillerOptions {
  readonly runtime: Runtime;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly hooks: Pick<HookRunner, "run">;
  /** Absent with `--network none`. */
  readonly network: PodNetwork | undefined;
  readonly logRoot: string;
}

/** Ends what runs of a Pod and removes what is left of it. Every step may be taken again. */
export class PodKiller {
  readonly #options: PodKillerOptions;
  /** Containers whose end has been told of. */
  readonly #toldOf = new Set<string>();
  /** The ends that are under way, by the container's id. */
  readonly #stops = new Map<string, ContainerStop>();

  constructor(options: PodKillerOptions) {
    this.#options = options;
  }

  /**
   * Ends the running containers, sidecars last, within the grace period; called again with a shorter one, it takes
   * that.
   */
  async stopContainers(pod: V1Pod, gracePeriodSeconds: number): Promise<void> {
    const { containers } = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    const running = containers.filter(({ state }) => state === "running");
    let before: Array<Promise<void>> = [];
    for (const group of stopOrder(
      pod,
      running.map(({ metadata }) => metadata.name),
    )) {
      const turn = Promise.allSettled(before);
      const stopping = running
        .filter(({ metadata }) => group.includes(metadata.name))
        .map((container) => {
          const message = `Stopping container ${container.metadata.name}`;
          return this.#stopContainer(pod, container, message, gracePeriodSeconds, turn);
        });
      before = [...before, ...stopping];
    }
    const failed = (await Promise.allSettled(before)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  }

  /**
   * Ends the Pod's containers as {@link stopContainers} does, then its machines and gives their network back; statuses
   * and logs stay. A process that even SIGKILL does not end, as one that waits for a file server that is gone, ends with
   * its machine.
   */
  async stop(pod: V1Pod, gracePeriodSeconds: number): Promise<void> {
    try {
      await this.stopContainers(pod, gracePeriodSeconds);
    } catch (error) {
      if (!(error instanceof RuntimeError && error.kind === "unkillable")) throw error;
    }
    const { sandboxes } = podRuntimeState(this.#options.runtime, podIdentity(pod).uid);
    for (const sandbox of sandboxes) await this.#stop(sandbox);
  }

  /** Ends one container while its Pod goes on, within its own grace period (kubelet `setTerminationGracePeriod`). */
  async kill(pod: V1Pod, { instance, container, message, failedProbe }: ContainerKill): Promise<void> {
    const probe = failedProbe && probeOf(container, failedProbe);
    const seconds =
      pod.metadata?.deletionGracePeriodSeconds ??
      probe?.terminationGracePeriodSeconds ??
      pod.spec?.terminationGracePeriodSeconds ??
      0;
    await this.#stopContainer(pod, instance, message, seconds, Promise.resolve());
  }

  async #stopContainer(
    pod: V1Pod,
    instance: ContainerStatus,
    message: string,
    graceSeconds: number,
    turn: Promise<unknown>,
  ): Promise<void> {
    const { runtime, recorder, clock } = this.#options;
    const { id, metadata } = instance;
    const known = this.#stops.get(id);
    if (known) {
      await known.shorten(graceSeconds);
      return await known.done;
    }
    if (!this.#toldOf.has(id)) {
      this.#toldOf.add(id);
      recorder.event(pod, "Normal", "Killing", message, containerFieldPath(pod, metadata.name));
    }
    const hook = this.#hook(pod, instance);
    const stop = new ContainerStop({
      clock,
      graceSeconds,
      turn,
      stop: (timeoutMs) => runtime.stopContainer(id, timeoutMs),
      ...(hook && graceSeconds > 0 && { hook }),
    });
    this.#stops.set(id, stop);
    const unlisten = runtime.onEvent((event) => {
      if (event.type === "container-exited" && event.containerId === id) stop.containerEnded();
    });
    try {
      await stop.done;
    } finally {
      unlisten();
      this.#stops.delete(id);
    }
  }

  #hook(pod: V1Pod, { id, sandboxId, metadata }: ContainerStatus): ContainerStopOptions["hook"] {
    const { hooks, recorder } = this.#options;
    const { initContainers = [], containers = [] } = pod.spec ?? {};
    const container = [...initContainers, ...containers].find(({ name }) => name === metadata.name);
    const preStop = container?.lifecycle?.preStop;
    if (!preStop) return undefined;
    return async (signal) => {
      try {
        await hooks.run({ pod, container, containerId: id, sandboxId }, preStop, signal);
      } catch {
        // What the hook printed may be secret: the event does not say it.
        const fieldPath = containerFieldPath(pod, container.name);
        recorder.event(pod, "Warning", "FailedPreStopHook", "PreStopHook failed", fieldPath);
      }
    };
  }

  /** Ends all containers at once, without their hooks: they begin anew in the same machine. */
  async endContainers(pod: V1Pod): Promise<void> {
    const { runtime, recorder } = this.#options;
    const { containers } = podRuntimeState(runtime, podIdentity(pod).uid);
    const running = containers.filter(({ state }) => state === "running");
    await Promise.all(
      running.map(async ({ id, metadata: { name } }) => {
        recorder.event(pod, "Normal", "Killing", `Stopping container ${name}`, containerFieldPath(pod, name));
        await runtime.stopContainer(id, 0);
      }),
    );
  }

  /** Forgets containers that have ended, `last` after the others; the newest log of each stays. */
  async removeContainers(pod: V1Pod, last: string): Promise<void> {
    const { runtime, logRoot } = this.#options;
    const state = podRuntimeState(runtime, podIdentity(pod).uid);
    const names = new Set(state.containers.map(({ metadata }) => metadata.name));
    names.delete(last);
    for (const name of [...names, last]) {
      for (const [age, { id, logPath }] of instancesOf(state, name).entries()) {
        if (age > 0) rmSync(join(podLogDirectory(logRoot, podIdentity(pod)), logPath), { force: true });
        await runtime.removeContainer(id);
        this.#toldOf.delete(id);
      }
    }
  }

  /** Removes all that the host keeps of the Pod. */
  async remove(identity: { namespace: string; name: string; uid: string }): Promise<void> {
    const { sandboxes, containers } = podRuntimeState(this.#options.runtime, identity.uid);
    for (const sandbox of sandboxes) {
      await this.#stop(sandbox);
      await this.#options.runtime.removePodSandbox(sandbox.id);
    }
    for (const { id } of containers) this.#toldOf.delete(id);
    rmSync(podLogDirectory(this.#options.logRoot, identity), { recursive: true, force: true });
  }

  /** Removes old instances: of each container the newest two stay, and of the machines those that hold them. */
  async collect(pod: V1Pod, state: PodRuntimeState): Promise<void> {
    const { runtime, logRoot } = this.#options;
    const names = new Set(state.containers.map(({ metadata }) => metadata.name));
    const kept = new Set<string>();
    for (const name of names) {
      for (const [age, container] of instancesOf(state, name).entries()) {
        if (age < 2) kept.add(container.sandboxId);
        else {
          await runtime.removeContainer(container.id);
          rmSync(join(podLogDirectory(logRoot, podIdentity(pod)), container.logPath), { force: true });
          this.#toldOf.delete(container.id);
        }
      }
    }
    for (const sandbox of state.sandboxes.slice(1)) {
      if (sandbox.state === "not-ready" && !kept.has(sandbox.id)) await runtime.removePodSandbox(sandbox.id);
    }
  }

  async #stop(sandbox: PodSandboxStatus): Promise<void> {
    if (sandbox.state === "ready") await this.#options.runtime.stopPodSandbox(sandbox.id);
    await this.#options.network?.detach(sandboxKey(sandbox.metadata.uid, sandbox.metadata.attempt));
  }
}
