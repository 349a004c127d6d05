import { quantityValue } from "../../../supervisor/apimachinery/quantity.ts";
import type { KubeletSettings } from "../../../supervisor/base/config/kubelet-settings.ts";
import { parseDuration } from "../../../supervisor/base/duration.ts";

/** What a signal counts, as messages and events name it (kubelet `signalToResource`). */
export type EvictionResource = "memory" | "ephemeral-storage" | "inodes" | "pids";
export type PressureCondition = "MemoryPressure" | "DiskPressure" | "PIDPressure";

export interface Threshold {
  readonly signal: string;
  /** What must be available, of the capacity that there is. */
  readonly amount: (capacity: number) => number;
  /** What an eviction must free beyond that. */
  readonly reclaim: (capacity: number) => number;
  /** 0 for a hard threshold. */
  readonly graceMs: number;
  readonly isHard: boolean;
}

export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** By signal. */
export type Observations = ReadonlyMap<string, Observation>;

/** The thresholds of the settings, in the order in which they are met: memory first, hard before soft. */
export function parseThresholds(settings: KubeletSettings): Threshold[] {
  const { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim } = settings;
  const made = (signal: string, text: string, graceMs: number, isHard: boolean): Threshold => ({
    signal,
    amount: amountOf(text),
    reclaim: amountOf(evictionMinimumReclaim[signal] ?? "0"),
    graceMs,
    isHard,
  });
  const all = [
    ...Object.entries(evictionHard).map(([signal, text]) => made(signal, text, 0, true)),
    ...Object.entries(evictionSoft).map(([signal, text]) =>
      made(signal, text, parseDuration(evictionSoftGracePeriod[signal] ?? "0"), false),
    ),
  ];
  return all.sort((a, b) => rank(a) - rank(b));
}

function rank({ signal }: Threshold): number {
  return signal === "memory.available" ? 0 : 1;
}

/** Those of which less is available than there should be; `withReclaim` counts what must be freed beyond. */
export function thresholdsMet(
  thresholds: readonly Threshold[],
  observations: Observations,
  withReclaim: boolean,
): Threshold[] {
  return thresholds.filter(({ signal, amount, reclaim }) => {
    const observed = observations.get(signal);
    if (!observed) return false;
    const { available, capacity } = observed;
    return amount(capacity) + (withReclaim ? reclaim(capacity) : 0) > available;
  });
}

export function conditionOf(signal: string): PressureCondition {
  if (signal === "memory.available") return "MemoryPressure";
  return signal === "pid.available" ? "PIDPressure" : "DiskPressure";
}

export function resourceOf(signal: string): EvictionResource {
  if (signal === "memory.available") return "memory";
  if (signal === "pid.available") return "pids";
  return signal.endsWith(".inodesFree") ? "inodes" : "ephemeral-storage";
}

/** A share of the capacity, or a quantity. */
function amountOf(text: string): (capacity: number) => number {
  if (text.endsWith("%")) {
    const share = Number(text.slice(0, -1)) / 100;
    return (capacity) => Math.floor(capacity * share);
  }
  const amount = quantityValue(text);
  return () => amount;
}
