import type { V1Container, V1ContainerStatus, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import type { ProbeMetrics } from "../metrics/probe-metrics.ts";
import { latestInstance, type PodRuntimeState } from "../pods/pod-runtime-state.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { ContainerProber } from "./container-prober.ts";
import type { ContainerProbes } from "./probe-kind.ts";
import type { ProbeRunner } from "./probe-runner.ts";

export interface ProbeManagerOptions {
  readonly runner: ProbeRunner;
  readonly metrics: ProbeMetrics;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** A result of one of the Pod's containers has changed. */
  readonly changed: (uid: string) => void;
}

/** The probes of all Pods: each container that runs and has some is probed until it ends (kubelet `prober.Manager`). */
export class ProbeManager {
  readonly #options: ProbeManagerOptions;
  readonly #startedMs: number;
  /** By the Pod's uid and the container's id. */
  readonly #probers = new Map<string, Map<string, ContainerProber>>();

  constructor(options: ProbeManagerOptions) {
    this.#options = options;
    this.#startedMs = options.clock.now();
  }

  /** What is known of a container; nothing where it does not run. */
  probes(uid: string, containerId: string): ContainerProbes | undefined {
    return this.#probers.get(uid)?.get(containerId)?.probes;
  }

  /** Begins to probe what has started and ends what has ended. */
  sync(pod: V1Pod, state: PodRuntimeState): void {
    const { uid } = podIdentity(pod);
    const running = new Map<string, readonly [V1Container, ContainerStatus]>();
    for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
      const instance = latestInstance(state, container.name);
      if (instance?.state === "running" && hasProbes(container))
        running.set(instance.id, [container, instance]);
    }
    for (const [id, prober] of this.#probers.get(uid) ?? []) {
      if (running.has(id)) continue;
      prober.stop();
      this.#probers.get(uid)?.delete(id);
    }
    for (const [id, [container, instance]] of running) {
      if (!this.#probers.get(uid)?.has(id)) this.#add(pod, container, instance);
    }
  }

  /** The Pod is ending: it is not to be restarted for its probes any more. */
  stopLivenessAndStartup(uid: string): void {
    for (const prober of this.#probers.get(uid)?.values() ?? []) prober.stopLivenessAndStartup();
  }

  forget(uid: string): void {
    for (const prober of this.#probers.get(uid)?.values() ?? []) prober.stop();
    this.#probers.delete(uid);
  }

  stop(): void {
    for (const uid of [...this.#probers.keys()]) this.forget(uid);
  }

  #add(pod: V1Pod, container: V1Container, instance: ContainerStatus): void {
    const { runner, metrics, clock, random, changed } = this.#options;
    const { uid } = podIdentity(pod);
    const isTakenOver = (instance.startedAt ?? instance.createdAt).getTime() < this.#startedMs;
    const sinceStartMs = clock.now() - this.#startedMs;
    const jitter = (periodMs: number): number =>
      isTakenOver && sinceStartMs < periodMs ? random() * periodMs : 0;
    const known = isTakenOver ? knownStatus(pod, instance) : undefined;
    const prober = new ContainerProber({
      pod,
      container,
      instance,
      known,
      jitter,
      runner,
      metrics,
      clock,
      changed: () => changed(uid),
    });
    const ofPod = this.#probers.get(uid) ?? new Map<string, ContainerProber>();
    this.#probers.set(uid, ofPod.set(instance.id, prober));
  }
}

function hasProbes({ startupProbe, livenessProbe, readinessProbe }: V1Container): boolean {
  return Boolean(startupProbe ?? livenessProbe ?? readinessProbe);
}

function knownStatus({ status }: V1Pod, { id }: ContainerStatus): V1ContainerStatus | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.find(({ containerID }) => containerID?.endsWith(`//${id}`));
}
