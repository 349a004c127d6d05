/**
 * Finds what was added under the prefixes of a key. The cost of a look-up grows with the number of different prefix
 * lengths, not with the number of prefixes: a key is cut at each of these lengths and looked up.
 */
export class PrefixIndex<T> {
  readonly #entries = new Map<string, T>();
  /** How many prefixes have each length. */
  readonly #lengths = new Map<number, number>();

  get(prefix: string): T | undefined {
    return this.#entries.get(prefix);
  }

  set(prefix: string, entry: T): void {
    if (!this.#entries.has(prefix)) {
      this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
    }
    this.#entries.set(prefix, entry);
  }

  delete(prefix: string): void {
    if (!this.#entries.delete(prefix)) return;
    const left = (this.#lengths.get(prefix.length) ?? 0) - 1;
    if (left > 0) this.#lengths.set(prefix.length, left);
    else this.#lengths.delete(prefix.length);
  }

  /** Calls back for the entry of every prefix of `key`. */
  match(key: string, visit: (entry: T) => void): void {
    for (const length of this.#lengths.keys()) {
      if (length > key.length) continue;
      const entry = this.#entries.get(key.slice(0, length));
      if (entry !== undefined) visit(entry);
    }
  }
}
