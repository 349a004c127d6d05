import type { Clock } from "../base/clock.ts";

/** A Pod that was refused waits at least this long for its next try; twice as long after each further one. */
const initialBackoffMs = 1_000;
const maxBackoffMs = 10_000;

interface Attempts {
  readonly count: number;
  readonly failedAt: number;
}

/**
 * The Pods that want a node, by priority and then by age. One that was refused waits until something in the cluster
 * has changed (`retryAll`) and its back-off is over (kube-scheduler's scheduling queue).
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  /** Keys by priority; a Map keeps the order in which they came. */
  readonly #active = new Map<number, Map<string, true>>();
  readonly #priorities = new Map<string, number>();
  readonly #refused = new Set<string>();
  readonly #attempts = new Map<string, Attempts>();
  readonly #timers = new Map<string, () => void>();
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a Pod, or takes one up again that waits. */
  add(key: string, priority: number): void {
    this.#withdraw(key);
    this.#priorities.set(key, priority);
    this.#activate(key);
  }

  /** Forgets a Pod: it is gone or has a node. */
  remove(key: string): void {
    this.#withdraw(key);
    this.#priorities.delete(key);
    this.#attempts.delete(key);
  }

  /** Puts a Pod back that no node takes, until `retryAll`. */
  refuse(key: string): void {
    if (!this.#priorities.has(key)) return;
    this.#noteFailure(key);
    this.#refused.add(key);
  }

  /** Puts a Pod back whose binding failed: it comes again after its back-off. */
  retry(key: string): void {
    if (!this.#priorities.has(key)) return;
    this.#noteFailure(key);
    this.#activateAfterBackoff(key);
  }

  /** Something has changed: all Pods that were refused are tried again. */
  retryAll(): void {
    for (const key of this.#refused) this.#activateAfterBackoff(key);
    this.#refused.clear();
  }

  /** The next Pod; waits for one. Resolves with undefined when the queue is closed. */
  async next(): Promise<string | undefined> {
    while (!this.#closed) {
      const key = this.#take();
      if (key !== undefined) return key;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return undefined;
  }

  /** Ends `next` and takes all timers back. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #take(): string | undefined {
    const priorities = [...this.#active.keys()];
    if (priorities.length === 0) return undefined;
    const highest = Math.max(...priorities);
    const keys = this.#active.get(highest) ?? new Map<string, true>();
    const [key] = keys.keys();
    if (key !== undefined) keys.delete(key);
    if (keys.size === 0) this.#active.delete(highest);
    return key;
  }

  #activate(key: string): void {
    const priority = this.#priorities.get(key) ?? 0;
    const keys = this.#active.get(priority) ?? new Map<string, true>();
    keys.set(key, true);
    this.#active.set(priority, keys);
    this.#wake?.();
  }

  #activateAfterBackoff(key: string): void {
    const { count = 0, failedAt = 0 } = this.#attempts.get(key) ?? {};
    const backoffMs = Math.min(maxBackoffMs, initialBackoffMs * 2 ** Math.max(0, count - 1));
    const leftMs = failedAt + backoffMs - this.#clock.now();
    this.#timers.get(key)?.();
    if (leftMs <= 0) {
      this.#timers.delete(key);
      this.#activate(key);
      return;
    }
    const cancel = this.#clock.after(leftMs, () => {
      this.#timers.delete(key);
      this.#activate(key);
    });
    this.#timers.set(key, cancel);
  }

  #noteFailure(key: string): void {
    const count = (this.#attempts.get(key)?.count ?? 0) + 1;
    this.#attempts.set(key, { count, failedAt: this.#clock.now() });
  }

  #withdraw(key: string): void {
    const priority = this.#priorities.get(key);
    const keys = priority === undefined ? undefined : this.#active.get(priority);
    keys?.delete(key);
    if (priority !== undefined && keys?.size === 0) this.#active.delete(priority);
    this.#refused.delete(key);
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }
}
