import type { Clock } from "../../../supervisor/base/clock.ts";

interface Entry {
  delayMs: number;
  updatedMs: number;
}

/**
 * Growing delays by key (client-go `flowcontrol.Backoff`): the first is `initialMs`, each further one twice the last up
 * to `maxMs`; a key that was quiet for twice `maxMs` begins anew.
 */
export class BackOff {
  readonly #clock: Clock;
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, initialMs: number, maxMs: number) {
    this.#clock = clock;
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
  }

  /** Notes a failure at `eventMs` and lengthens the key's delay. */
  next(key: string, eventMs: number): void {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, eventMs)) {
      this.#entries.set(key, { delayMs: this.#initialMs, updatedMs: this.#clock.now() });
      return;
    }
    entry.delayMs = Math.min(entry.delayMs * 2, this.#maxMs);
    entry.updatedMs = this.#clock.now();
  }

  /** The key's delay; 0 where it has none. */
  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0;
  }

  /** How long the key is to wait yet, counted from `eventMs`; 0 when it need not. */
  remainingSince(key: string, eventMs: number): number {
    const entry = this.#entries.get(key);
    if (!entry || this.#expired(entry, eventMs)) return 0;
    const sinceMs = this.#clock.now() - eventMs;
    // What is to come happened before the clock was set back: nobody waits for the clock to catch up.
    return sinceMs < 0 ? 0 : Math.max(0, entry.delayMs - sinceMs);
  }

  /** How long the key is to wait yet, counted from its last failure; 0 when it need not. */
  remaining(key: string): number {
    const entry = this.#entries.get(key);
    return entry ? this.remainingSince(key, entry.updatedMs) : 0;
  }

  /** Forgets all keys that begin so. */
  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  #expired(entry: Entry, eventMs: number): boolean {
    return eventMs - entry.updatedMs > this.#maxMs * 2;
  }
}
