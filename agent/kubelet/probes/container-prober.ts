import type { V1Container, V1ContainerStatus, V1Pod } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import type { ContainerStatus } from "../../runtime/runtime.ts";
import type { ProbeMetrics } from "../metrics/probe-metrics.ts";
import { type ContainerProbes, type ProbeKind, probeOf } from "./probe-kind.ts";
import type { ProbeRunner } from "./probe-runner.ts";
import type { ProbeVerdict } from "./probe-threshold.ts";
import { ProbeWorker } from "./probe-worker.ts";

export interface ContainerProberOptions {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly instance: ContainerStatus;
  /** What the API knows of this very instance, from before the daemon's start. */
  readonly known: V1ContainerStatus | undefined;
  /** How much later than due the first runs are; not all probes are to run at the daemon's start. */
  readonly jitter: (periodMs: number) => number;
  readonly runner: ProbeRunner;
  readonly metrics: ProbeMetrics;
  readonly clock: Clock;
  readonly changed: () => void;
}

/** The probes of one running container: the startup probe first, and the others once that has succeeded. */
export class ContainerProber {
  readonly #options: ContainerProberOptions;
  readonly #workers = new Map<ProbeKind, ProbeWorker>();
  #probes: ContainerProbes;

  constructor(options: ContainerProberOptions) {
    this.#options = options;
    const { container, known } = options;
    const { startupProbe, livenessProbe, readinessProbe } = container;
    this.#probes = {
      ...(startupProbe && { startup: known?.started ? "success" : "unknown" }),
      ...(livenessProbe && { liveness: "success" }),
      ...(readinessProbe && { readiness: known?.ready ? "success" : "failure" }),
    };
    if (this.#probes.startup === "unknown") this.#start("startup");
    else this.#startOthers();
  }

  get probes(): ContainerProbes {
    return this.#probes;
  }

  /** From the Pod's end on only its readiness is of interest. */
  stopLivenessAndStartup(): void {
    this.#stop("startup");
    this.#stop("liveness");
  }

  stop(): void {
    for (const kind of [...this.#workers.keys()]) this.#stop(kind);
  }

  #startOthers(): void {
    this.#start("liveness");
    this.#start("readiness");
  }

  #start(kind: ProbeKind): void {
    const { pod, container, instance, runner, metrics, clock, jitter } = this.#options;
    const probe = probeOf(container, kind);
    if (!probe) return;
    const startedMs = (instance.startedAt ?? instance.createdAt).getTime();
    const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
    // A start in the future is one before the clock was set back.
    const sinceStartMs = Math.max(0, clock.now() - startedMs);
    const firstAfterMs = Math.max(0, delayMs - sinceStartMs) + jitter((probe.periodSeconds ?? 10) * 1000);
    const { id: containerId, sandboxId } = instance;
    const run = { pod, container, containerId, sandboxId, kind, probe };
    const worker = new ProbeWorker(
      {
        probe,
        clock,
        run: (signal) => metrics.measured(run, () => runner.run(run, signal), signal),
        onEnd: () => metrics.forget(run),
        onVerdict: (verdict) => this.#take(kind, verdict),
      },
      firstAfterMs,
    );
    this.#workers.set(kind, worker);
  }

  #stop(kind: ProbeKind): void {
    this.#workers.get(kind)?.stop();
    this.#workers.delete(kind);
  }

  /** A container that is to be restarted is not probed any more, nor is one that has started for its start. */
  #take(kind: ProbeKind, verdict: ProbeVerdict): void {
    if (kind === "startup" || (kind === "liveness" && verdict === "failure")) this.#stop(kind);
    if (this.#probes[kind] === verdict) return;
    this.#probes = { ...this.#probes, [kind]: verdict };
    if (kind === "startup" && verdict === "success") this.#startOthers();
    this.#options.changed();
  }
}
