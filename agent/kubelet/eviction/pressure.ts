import {
  conditionOf,
  type Observations,
  type PressureCondition,
  type Threshold,
  thresholdsMet,
} from "./thresholds.ts";

/**
 * Which thresholds are met, and for how long: a soft one counts when its grace period is over, a condition stays for the
 * transition period, and what was met is met until the minimum is reclaimed too (kubelet `eviction_manager.go`).
 */
export class Pressure {
  readonly #thresholds: readonly Threshold[];
  readonly #transitionMs: number;
  readonly #firstMetMs = new Map<Threshold, number>();
  readonly #lastSeenMs = new Map<PressureCondition, number>();
  #met: readonly Threshold[] = [];
  #conditions: ReadonlySet<PressureCondition> = new Set();

  constructor(thresholds: readonly Threshold[], transitionMs: number) {
    this.#thresholds = thresholds;
    this.#transitionMs = transitionMs;
  }

  /** The node's conditions as of the last look. */
  get conditions(): ReadonlySet<PressureCondition> {
    return this.#conditions;
  }

  /** Takes a look; returns the thresholds that ask for an eviction. */
  observe(observations: Observations, nowMs: number): readonly Threshold[] {
    const unresolved = thresholdsMet(this.#met, observations, true);
    const met = this.#thresholds.filter(
      (threshold) =>
        unresolved.includes(threshold) || thresholdsMet([threshold], observations, false).length > 0,
    );
    for (const threshold of this.#firstMetMs.keys()) {
      if (!met.includes(threshold)) this.#firstMetMs.delete(threshold);
    }
    for (const threshold of met) {
      if (!this.#firstMetMs.has(threshold)) this.#firstMetMs.set(threshold, nowMs);
      this.#lastSeenMs.set(conditionOf(threshold.signal), nowMs);
    }
    const lasting = [...this.#lastSeenMs].filter(
      ([condition, seenMs]) =>
        met.some(({ signal }) => conditionOf(signal) === condition) || nowMs - seenMs < this.#transitionMs,
    );
    this.#conditions = new Set(lasting.map(([condition]) => condition));
    this.#met = met.filter(
      (threshold) => nowMs - (this.#firstMetMs.get(threshold) ?? nowMs) >= threshold.graceMs,
    );
    return this.#met;
  }
}
