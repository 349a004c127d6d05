import type { V1Probe } from "../../../supervisor/api/generated/types.ts";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { ProbeThreshold, type ProbeVerdict } from "./probe-threshold.ts";

export interface ProbeWorkerOptions {
  readonly probe: V1Probe;
  readonly clock: Clock;
  /** Runs the probe once; undefined says nothing. */
  readonly run: (signal: AbortSignal) => Promise<ProbeVerdict | undefined>;
  /** Takes each result that counts. */
  readonly onVerdict: (verdict: ProbeVerdict) => void;
  /** Called when it was stopped. */
  readonly onEnd: () => void;
}

/** Runs one probe of one container again and again, from its first time until it is stopped (kubelet `prober.worker`). */
export class ProbeWorker {
  readonly #options: ProbeWorkerOptions;
  readonly #threshold: ProbeThreshold;
  readonly #stopped = new AbortController();
  #cancel: () => void;

  constructor(options: ProbeWorkerOptions, firstAfterMs: number) {
    this.#options = options;
    this.#threshold = new ProbeThreshold(options.probe);
    this.#cancel = options.clock.after(firstAfterMs, () => void this.#probe());
  }

  stop(): void {
    this.#cancel();
    this.#stopped.abort();
    this.#options.onEnd();
  }

  /** The next run is due a period after this one began, as with a ticker; one that was missed is not made up for. */
  async #probe(): Promise<void> {
    const { clock, probe, run, onVerdict } = this.#options;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    const beganMs = clock.steady();
    const verdict = await run(this.#stopped.signal);
    if (this.#stopped.signal.aborted) return;
    const nextMs = Math.max(0, beganMs + periodMs - clock.steady());
    this.#cancel = clock.after(nextMs, () => void this.#probe());
    if (verdict && this.#threshold.add(verdict)) onVerdict(verdict);
  }
}
