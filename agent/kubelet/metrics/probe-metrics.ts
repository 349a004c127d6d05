import type { Clock } from "../../../supervisor/base/clock.ts";
import type { MetricsRegistry } from "../../../supervisor/base/metrics/metrics-registry.ts";
import type { ProbeRun } from "../probes/probe-runner.ts";
import type { ProbeVerdict } from "../probes/probe-threshold.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import { durationBounds } from "./duration-bounds.ts";

const results = { success: "successful", failure: "failed", unknown: "unknown" } as const;

/** What probes found, and how long they took (kubelet `pkg/kubelet/prober`). What is not probed any more has no series. */
export class ProbeMetrics {
  readonly #clock: Clock;
  readonly #total: ReturnType<MetricsRegistry["values"]>;
  readonly #seconds: ReturnType<MetricsRegistry["histogram"]>;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#total = registry.values(
      "counter",
      "prober_probe_total",
      "[BETA] Cumulative number of a liveness, readiness or startup probe for a container by result.",
    );
    this.#seconds = registry.histogram(
      "prober_probe_duration_seconds",
      "[ALPHA] Duration in seconds for a probe response.",
      durationBounds,
    );
  }

  /** Runs a probe once; one that was cut off by the signal is not counted. */
  async measured(
    run: ProbeRun,
    probe: () => Promise<ProbeVerdict | undefined>,
    signal: AbortSignal,
  ): Promise<ProbeVerdict | undefined> {
    const beganMs = this.#clock.steady();
    const verdict = await probe();
    if (signal.aborted) return verdict;
    this.#total({ ...resultLabels(run), result: results[verdict ?? "unknown"] }).add(1);
    this.#seconds(durationLabels(run)).observe((this.#clock.steady() - beganMs) / 1000);
    return verdict;
  }

  /** The probe runs no more. */
  forget(run: ProbeRun): void {
    for (const result of Object.values(results)) this.#total.remove({ ...resultLabels(run), result });
    this.#seconds.remove(durationLabels(run));
  }
}

function durationLabels({ kind, container, pod }: ProbeRun): Record<string, string> {
  const { namespace, name } = podIdentity(pod);
  return { probe_type: probeTypes[kind], container: container.name, pod: name, namespace };
}

function resultLabels(run: ProbeRun): Record<string, string> {
  return { ...durationLabels(run), pod_uid: podIdentity(run.pod).uid };
}

const probeTypes = { startup: "Startup", liveness: "Liveness", readiness: "Readiness" } as const;
