import type { KeyValue } from "../backend.ts";

const maxStates = 64;
const maxChars = 32 * 1024;

/**
 * The last few states that were read or written, as they are in the database: an update reads a state that its caller
 * has just read, and some objects, as leases, are read all the time. Large values are not kept: at most 2 Mi characters.
 */
export class RecentStates {
  /** The newest come last. */
  readonly #states = new Map<string, KeyValue>();

  get(key: string): KeyValue | undefined {
    return this.#states.get(key);
  }

  set(state: KeyValue): void {
    this.#states.delete(state.key);
    if (state.value.length > maxChars) return;
    this.#states.set(state.key, state);
    if (this.#states.size <= maxStates) return;
    for (const oldest of this.#states.keys()) {
      this.#states.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#states.delete(key);
  }

  /** Forgets all: what was written may have been rolled back. */
  clear(): void {
    this.#states.clear();
  }
}
