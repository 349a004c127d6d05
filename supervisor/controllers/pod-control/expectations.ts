import type { Clock } from "../../base/clock.ts";

/** How long a controller waits for what it did to come back to it, as in kube-controller-manager. */
const timeoutMs = 5 * 60_000;

interface Awaited {
  readonly sinceMs: number;
  creations: number;
  readonly deletions: Set<string>;
}

/**
 * What controllers did and their informers have not shown them yet: until then counts are those of before, and acting
 * on them would do everything twice. Keys are the owners'.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #awaited = new Map<string, Awaited>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  expectCreations(key: string, count: number): void {
    this.#awaited.set(key, { sinceMs: this.#clock.now(), creations: count, deletions: new Set() });
  }

  /** `names` are those of the objects that are about to be deleted. */
  expectDeletions(key: string, names: readonly string[]): void {
    this.#awaited.set(key, { sinceMs: this.#clock.now(), creations: 0, deletions: new Set(names) });
  }

  /** Notes that so many objects were created, or will not be. */
  observeCreation(key: string, count = 1): void {
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) return;
    awaited.creations -= count;
    this.#settle(key, awaited);
  }

  /** Notes that an object goes or is gone, or will not go; a second time changes nothing. */
  observeDeletion(key: string, name: string): void {
    const awaited = this.#awaited.get(key);
    if (awaited?.deletions.delete(name)) this.#settle(key, awaited);
  }

  forget(key: string): void {
    this.#awaited.delete(key);
  }

  /** How long to wait for what is still awaited, at most; 0 where nothing is, or it was awaited for too long. */
  waitMs(key: string): number {
    const awaited = this.#awaited.get(key);
    return awaited === undefined ? 0 : Math.max(0, awaited.sinceMs + timeoutMs - this.#clock.now());
  }

  #settle(key: string, { creations, deletions }: Awaited): void {
    if (creations <= 0 && deletions.size === 0) this.#awaited.delete(key);
  }
}
