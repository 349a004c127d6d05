import type { V1Container, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { PodWork } from "../pods/pod-worker.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { durationBounds } from "./duration-bounds.ts";
import type { PodStartMetrics } from "./pod-start-metrics.ts";

const statusBounds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60];

/** What the host does for its Pods (kubelet `pkg/kubelet/metrics/metrics.go`). */
export class PodWorkMetrics {
  readonly #clock: Clock;
  readonly #starts: PodStartMetrics;
  readonly #steps: ReturnType<MetricsRegistry["histogram"]>;
  readonly #statuses: ReturnType<MetricsRegistry["histogram"]>;
  readonly #sandboxes: ReturnType<MetricsRegistry["values"]>;
  readonly #sandboxErrors: ReturnType<MetricsRegistry["values"]>;
  readonly #containers: ReturnType<MetricsRegistry["values"]>;
  readonly #containerErrors: ReturnType<MetricsRegistry["values"]>;

  constructor(registry: MetricsRegistry, starts: PodStartMetrics, clock: Clock) {
    this.#clock = clock;
    this.#starts = starts;
    this.#steps = registry.histogram(
      "kubelet_pod_worker_duration_seconds",
      "[ALPHA] Duration in seconds to sync a single pod. Broken down by operation type: create, update, or sync",
      durationBounds,
    );
    this.#statuses = registry.histogram(
      "kubelet_pod_status_sync_duration_seconds",
      "[ALPHA] Duration in seconds to sync a pod status update. Measures time from detection of a change to pod status until the API is successfully updated for that pod, even if multiple intevening changes to pod status occur.",
      statusBounds,
    );
    const counter = (name: string, help: string) =>
      registry.values("counter", `kubelet_${name}`, `[ALPHA] ${help}`);
    this.#sandboxes = counter("started_pods_total", "Cumulative number of pods started");
    this.#sandboxErrors = counter(
      "started_pods_errors_total",
      "Cumulative number of errors when starting pods",
    );
    this.#containers = counter("started_containers_total", "Cumulative number of containers started");
    this.#containerErrors = counter(
      "started_containers_errors_total",
      "Cumulative number of errors when starting containers",
    );
  }

  /** The work, measured: a Pod's first step creates it, one after a change of its spec updates it. */
  measured(work: PodWork): PodWork {
    const generations = new Map<string, number | undefined>();
    const timed = async <T>(operation: string, step: () => Promise<T>): Promise<T> => {
      const beganMs = this.#clock.steady();
      try {
        return await step();
      } finally {
        const seconds = (this.#clock.steady() - beganMs) / 1000;
        this.#steps({ operation_type: operation }).observe(seconds);
      }
    };
    return {
      sync: (pod, signal) => {
        const { uid } = podIdentity(pod);
        const generation = pod.metadata?.generation;
        const isNew = !generations.has(uid);
        const operation = isNew ? "create" : generations.get(uid) === generation ? "sync" : "update";
        generations.set(uid, generation);
        if (isNew) this.#starts.workerStarts(uid);
        return timed(operation, () => work.sync(pod, signal));
      },
      terminate: (pod, ...rest) => timed("kill", () => work.terminate(pod, ...rest)),
      remove: async (pod, gone) => {
        await work.remove(pod, gone);
        generations.delete(podIdentity(pod).uid);
      },
      giveUp: (...values) => work.giveUp(...values),
      hurry: (...values) => work.hurry(...values),
      refresh: (...values) => work.refresh(...values),
      settle: (...values) => work.settle(...values),
    };
  }

  /** A sandbox is to be made for a Pod. */
  sandboxStarts(): void {
    this.#sandboxes().add(1);
  }

  sandboxFailed(): void {
    this.#sandboxErrors().add(1);
  }

  /** A container is to be started; it does not wait for its back-off. */
  containerStarts(pod: V1Pod, container: V1Container): void {
    this.#containers({ container_type: containerType(pod, container) }).add(1);
  }

  /** `code` is the reason that the container's status shows. */
  containerFailed(pod: V1Pod, container: V1Container, code: string): void {
    this.#containerErrors({ container_type: containerType(pod, container), code }).add(1);
  }

  /** A Pod's status came to the API, so long after it changed. */
  statusSynced(durationMs: number): void {
    this.#statuses().observe(durationMs / 1000);
  }
}

function containerType({ spec }: V1Pod, { name }: V1Container): string {
  const isOneOf = (containers: ReadonlyArray<{ readonly name: string }> = []): boolean =>
    containers.some((each) => each.name === name);
  if (isOneOf(spec?.initContainers)) return "init_container";
  return isOneOf(spec?.ephemeralContainers) ? "ephemeral_container" : "container";
}
