import type { V1ContainerStatus, V1Pod, V1PodStatus } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { HistogramSeries, MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { durationBounds, exponentialBounds } from "./duration-bounds.ts";

/** A Pod that has not started yet. Times are the steady clock's. */
interface PodStart {
  readonly seenMs: number;
  hasWorker: boolean;
  isRunning: boolean;
  /** This host has reported that all its containers have started. */
  isReported: boolean;
  pullsBeganMs?: number;
  pullsEndedMs?: number;
}

const startBounds = [
  ...[0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600],
  ...[900, 1200, 1800, 2700, 3600],
];

/**
 * How long Pods take to start (kubelet `pod_startup_latency_tracker.go` and `kubelet.SyncPod`). Nothing is kept of a Pod
 * that has started, nor of one that an earlier daemon began.
 */
export class PodStartMetrics {
  readonly #clock: Clock;
  readonly #starts = new Map<string, PodStart>();
  readonly #containers: () => HistogramSeries;
  readonly #workerStart: () => HistogramSeries;
  readonly #start: () => HistogramSeries;
  readonly #sli: ReturnType<MetricsRegistry["histogram"]>;
  readonly #total: ReturnType<MetricsRegistry["histogram"]>;
  #isFirstWithNetwork = true;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    const histogram = (name: string, help: string, bounds: readonly number[]) =>
      registry.histogram(`kubelet_${name}`, `[ALPHA] ${help}`, bounds);
    this.#containers = histogram(
      "containers_per_pod_count",
      "The number of containers per pod.",
      exponentialBounds(1, 2, 5),
    );
    this.#workerStart = histogram(
      "pod_worker_start_duration_seconds",
      "Duration in seconds from kubelet seeing a pod to starting a worker.",
      durationBounds,
    );
    this.#start = histogram(
      "pod_start_duration_seconds",
      "Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run",
      startBounds,
    );
    const observed =
      "measured from pod creation timestamp to when all its containers are reported as started and observed via watch";
    this.#sli = histogram(
      "pod_start_sli_duration_seconds",
      `Duration in seconds to start a pod, excluding time to pull images and run init containers, ${observed}`,
      startBounds,
    );
    this.#total = histogram(
      "pod_start_total_duration_seconds",
      `Duration in seconds to start a pod since creation, including time to pull images and run init containers, ${observed}`,
      startBounds,
    );
  }

  /** A new or changed Pod, as the API has it. */
  update(pod: V1Pod): void {
    const { uid } = podIdentity(pod);
    const start = this.#starts.get(uid);
    if (start === undefined) this.#begin(pod, uid);
    else if (isOver(pod.status)) this.#starts.delete(uid);
    else if (start.isReported && haveStarted(pod.status)) this.#observe(pod, uid, start);
  }

  /** The Pod's worker takes its first step. */
  workerStarts(uid: string): void {
    const start = this.#starts.get(uid);
    if (start === undefined || start.hasWorker) return;
    start.hasWorker = true;
    this.#workerStart().observe(this.#secondsSince(start.seenMs));
  }

  pullBegins(uid: string): void {
    const start = this.#starts.get(uid);
    if (start) start.pullsBeganMs ??= this.#clock.steady();
  }

  pullEnds(uid: string): void {
    const start = this.#starts.get(uid);
    if (start) start.pullsEndedMs = this.#clock.steady();
  }

  /** The status that this host gives the Pod. */
  reported(uid: string, status: V1PodStatus): void {
    const start = this.#starts.get(uid);
    if (start === undefined) return;
    if (status.phase === "Running" && !start.isRunning) {
      start.isRunning = true;
      this.#start().observe(this.#secondsSince(start.seenMs));
    }
    start.isReported ||= haveStarted(status);
  }

  /** The Pod is gone. */
  forget(uid: string): void {
    this.#starts.delete(uid);
  }

  #begin({ spec, status }: V1Pod, uid: string): void {
    if (status?.startTime || isOver(status)) return;
    this.#starts.set(uid, {
      seenMs: this.#clock.steady(),
      hasWorker: false,
      isRunning: false,
      isReported: false,
    });
    this.#containers().observe(spec?.containers.length ?? 0);
  }

  #observe({ metadata, spec, status }: V1Pod, uid: string, start: PodStart): void {
    const { pullsBeganMs = 0, pullsEndedMs = pullsBeganMs } = start;
    const totalMs = this.#clock.now() - Date.parse(metadata?.creationTimestamp ?? "");
    const ownMs = totalMs - (pullsEndedMs - pullsBeganMs) - initMs(status?.initContainerStatuses);
    const isFirst = this.#isFirstWithNetwork && !spec?.hostNetwork;
    const labels = { first_with_network: isFirst ? "true" : "" };
    if (isFirst) this.#isFirstWithNetwork = false;
    this.#sli(labels).observe(Math.max(0, ownMs) / 1000);
    this.#total(labels).observe(totalMs / 1000);
    this.#starts.delete(uid);
  }

  #secondsSince(ms: number): number {
    return (this.#clock.steady() - ms) / 1000;
  }
}

function isOver(status: V1PodStatus | undefined): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function haveStarted(status: V1PodStatus | undefined): boolean {
  const all = status?.containerStatuses ?? [];
  return all.length > 0 && all.every(({ state }) => state?.running?.startedAt !== undefined);
}

/** How long the init containers ran that have ended. */
function initMs(statuses: readonly V1ContainerStatus[] = []): number {
  const spans = statuses.map(({ state }) => {
    const { startedAt, finishedAt } = state?.terminated ?? {};
    return startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : 0;
  });
  return spans.reduce((sum, span) => sum + span, 0);
}
