import type { KeyValue } from "../backend.ts";

const defaultMaxChars = 32 * 1024 * 1024;

/**
 * The states that were read or written last, as they are in the database, bounded by the length of their texts: what is
 * in use, as the Pods that hosts report of and leases, is read and written again and again. A read of the database
 * costs 30 µs, most of it to look whether the writing thread has changed the file.
 */
export class RecentStates {
  readonly #maxChars: number;
  /** The newest come last. */
  readonly #states = new Map<string, KeyValue>();
  #chars = 0;

  constructor(maxChars = defaultMaxChars) {
    this.#maxChars = maxChars;
  }

  get(key: string): KeyValue | undefined {
    return this.#states.get(key);
  }

  set(state: KeyValue): void {
    this.delete(state.key);
    this.#states.set(state.key, state);
    this.#chars += chars(state);
    // In a Map's order the oldest comes first.
    for (const oldest of this.#states.values()) {
      if (this.#chars <= this.#maxChars) return;
      this.delete(oldest.key);
    }
  }

  delete(key: string): void {
    const state = this.#states.get(key);
    if (state === undefined) return;
    this.#states.delete(key);
    this.#chars -= chars(state);
  }
}

function chars({ key, value }: KeyValue): number {
  return key.length + value.length;
}
