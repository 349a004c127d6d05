import { type Clock, systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import type { Logger } from "../base/logging.ts";
import type { QueueMetrics, WorkQueueMetrics } from "./work-queue-metrics.ts";

/** What a work queue's handler may ask for: the same key once more after a time. */
export interface WorkResult {
  readonly requeueAfterMs?: number;
}

export type WorkHandler = (key: string) => Promise<WorkResult | undefined> | Promise<void>;

export interface WorkQueueOptions {
  /** Names the queue in the log and among the metrics. */
  readonly name: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly metrics?: WorkQueueMetrics;
  /** The delay after a key's first failure; it doubles with each further one. 5 ms as in client-go. */
  readonly initialDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** Timers count their milliseconds in 31 bits: a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Keys that need work, as client-go's rate-limiting queue has them: a key waits once however often it is added, is
 * never handled twice at the same time, and is handled again when it was added meanwhile. A handler that throws gets
 * its key again after a delay that doubles; one that succeeds clears the key's failures.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #metrics: QueueMetrics | undefined;
  readonly #waiting = new Set<string>();
  readonly #active = new Set<string>();
  /** Keys that were added while they were handled. */
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>();
  readonly #idle: Array<() => void> = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics?.queue(options.name);
  }

  add(key: string): void {
    this.#metrics?.added(key);
    if (this.#active.has(key)) this.#again.add(key);
    else {
      this.#waiting.add(key);
      this.#idle.shift()?.();
    }
  }

  /** Adds the key after a delay, but after 24 days at the latest; of several delays the earliest counts. */
  addAfter(key: string, wantedDelayMs: number): void {
    this.#metrics?.retried();
    const delayMs = Math.min(wantedDelayMs, longestTimerMs);
    const dueMs = this.#clock.now() + delayMs;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.dueMs <= dueMs) return;
    known?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  /** How often the key's handler has failed since it last succeeded. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Handles keys until the signal; resolves when the handlers under way have ended. */
  async run(signal: AbortSignal, workers: number, handler: WorkHandler): Promise<void> {
    const wakeAll = (): void => {
      for (const wake of this.#idle.splice(0)) wake();
    };
    signal.addEventListener("abort", wakeAll, { once: true });
    await Promise.all(Array.from({ length: workers }, () => this.#work(signal, handler)));
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
  }

  async #work(signal: AbortSignal, handler: WorkHandler): Promise<void> {
    while (!signal.aborted) {
      const [key] = this.#waiting;
      if (key === undefined) {
        await new Promise<void>((resolve) => this.#idle.push(resolve));
        continue;
      }
      this.#waiting.delete(key);
      this.#active.add(key);
      this.#metrics?.begun(key);
      await this.#handle(key, handler);
      this.#metrics?.done(key);
      this.#active.delete(key);
      if (this.#again.delete(key)) this.add(key);
    }
  }

  async #handle(key: string, handler: WorkHandler): Promise<void> {
    try {
      const result = await handler(key);
      this.#failures.delete(key);
      if (result?.requeueAfterMs !== undefined) this.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      const { name, logger, initialDelayMs = 5, maxDelayMs = 300_000 } = this.#options;
      const count = this.failures(key);
      this.#failures.set(key, count + 1);
      const delayMs = Math.min(maxDelayMs, initialDelayMs * 2 ** count);
      const cause = asError(error);
      logger?.warn("Work failed, trying again", { queue: name, key, delayMs, error: cause });
      this.addAfter(key, delayMs);
    }
  }
}
