/** A counter of processor time at a moment. */
export interface CpuReading {
  readonly atMs: number;
  readonly cpuNanoseconds: number;
  /** The same moment by the clock that the counter goes by, which is on its way here for a while. */
  readonly readAtMs?: number;
}

/** No rate is made of readings closer to each other: a tick of the kernel's would be most of it. */
const minIntervalMs = 500;

/**
 * Rates of processor time from what was read last and before, by key. The first reading is set against the start of
 * what it is about, so that there is a rate at once.
 */
export class UsageRates {
  readonly #last = new Map<string, { readonly from: CpuReading; readonly to: CpuReading }>();

  /** Billionths of a processor; undefined where nothing can be said. */
  rate(key: string, now: CpuReading, startedAtMs: number): number | undefined {
    const known = this.#last.get(key);
    const from = known === undefined || now.cpuNanoseconds < known.to.cpuNanoseconds ? undefined : known.to;
    if (known && from && now.atMs - from.atMs < minIntervalMs) return rateBetween(known.from, known.to);
    const start = from ?? { atMs: startedAtMs, cpuNanoseconds: 0 };
    this.#last.set(key, { from: start, to: now });
    return rateBetween(start, now);
  }

  /** Forgets all but these. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#last.keys()) if (!keys.has(key)) this.#last.delete(key);
  }
}

function rateBetween(from: CpuReading, to: CpuReading): number | undefined {
  const ownMs = (to.readAtMs ?? 0) - (from.readAtMs ?? 0);
  // At first only the start is known, by this host's clock; and another machine has another clock.
  const isOfOneClock = from.readAtMs !== undefined && to.readAtMs !== undefined && ownMs > 0;
  const elapsedMs = isOfOneClock ? ownMs : to.atMs - from.atMs;
  if (elapsedMs <= 0) return undefined;
  return Math.max(0, Math.round(((to.cpuNanoseconds - from.cpuNanoseconds) * 1000) / elapsedMs));
}
