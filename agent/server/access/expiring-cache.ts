const maxEntries = 4096;

/** Keeps answers for a time of their own. When it is full it begins anew. */
export class ExpiringCache<T> {
  readonly #now: () => number;
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > this.#now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: T, lifeMs: number): void {
    if (this.#entries.size >= maxEntries) this.#entries.clear();
    this.#entries.set(key, { value, untilMs: this.#now() + lifeMs });
  }
}
