import type { Clock } from "../../base/clock.ts";

export interface LevelLimits {
  /** The seats that are its own. */
  readonly seats: number;
  /** Those of them that others may never use. */
  readonly guaranteed: number;
  /** How many it may use where others leave theirs. */
  readonly mostSeats: number;
  /** How many requests may wait; 0 refuses at once. */
  readonly queueLimit: number;
  /** How many of one flow may wait. */
  readonly flowQueueLimit: number;
}

/** Ends a request's use of its seats; may be called more than once. */
export type Release = () => void;

interface Waiter {
  readonly width: number;
  start(): void;
}

/** All seats of the server. */
export interface SeatPool {
  /** Whether a level may take that many seats beyond its own. */
  maySpare(level: PriorityLevel, width: number): boolean;
  /** Seats became free. */
  freed(): void;
}

/**
 * A share of the server's capacity, in seats. Requests that find none wait by flow, and flows are served in turn: one
 * with many requests delays itself, never the others.
 */
export class PriorityLevel {
  readonly name: string;
  limits: LevelLimits;
  readonly #pool: SeatPool;
  readonly #clock: Clock;
  /** Who waits, by flow; the first flow is served next. */
  readonly #flows = new Map<string, Waiter[]>();
  #waiting = 0;
  #used = 0;
  #rejected = 0;

  constructor(name: string, limits: LevelLimits, pool: SeatPool, clock: Clock) {
    this.name = name;
    this.limits = limits;
    this.#pool = pool;
    this.#clock = clock;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get rejected(): number {
    return this.#rejected;
  }

  /** Takes seats: now, or later. Undefined where too many wait already, or none is free within the time. */
  enter(
    flow: string,
    width: number,
    patienceMs: number,
    signal: AbortSignal,
  ): Release | Promise<Release | undefined> | undefined {
    if (this.#waiting === 0 && this.#fits(width)) return this.#take(width);
    const queue = this.#flows.get(flow);
    const { queueLimit, flowQueueLimit } = this.limits;
    if (this.#waiting >= queueLimit || (queue?.length ?? 0) >= flowQueueLimit) return this.#reject();
    return this.#wait(flow, width, patienceMs, signal);
  }

  /** Serves who waits as far as seats reach. */
  serve(): void {
    for (const [flow, queue] of this.#flows) {
      const [first] = queue;
      if (first === undefined || !this.#fits(first.width)) return;
      queue.shift();
      // Behind the others, for its next turn.
      this.#flows.delete(flow);
      if (queue.length > 0) this.#flows.set(flow, queue);
      this.#waiting -= 1;
      first.start();
    }
  }

  #reject(): undefined {
    this.#rejected += 1;
    return undefined;
  }

  #fits(width: number): boolean {
    const wanted = this.#used + width;
    if (wanted <= this.limits.seats || this.#used === 0) return true;
    return wanted <= this.limits.mostSeats && this.#pool.maySpare(this, width);
  }

  #take(width: number): Release {
    this.#used += width;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#used -= width;
      this.#pool.freed();
    };
  }

  #wait(flow: string, width: number, patienceMs: number, signal: AbortSignal): Promise<Release | undefined> {
    const { promise, resolve } = Promise.withResolvers<Release | undefined>();
    const waiter: Waiter = {
      width,
      start: () => {
        settle();
        resolve(this.#take(width));
      },
    };
    const giveUp = (): void => {
      settle();
      this.#forget(flow, waiter);
      resolve(this.#reject());
    };
    const cancel = this.#clock.after(patienceMs, giveUp);
    const settle = (): void => {
      cancel();
      signal.removeEventListener("abort", giveUp);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    const queue = this.#flows.get(flow) ?? [];
    this.#flows.set(flow, queue);
    queue.push(waiter);
    this.#waiting += 1;
    return promise;
  }

  #forget(flow: string, waiter: Waiter): void {
    const queue = this.#flows.get(flow);
    const index = queue?.indexOf(waiter) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    this.#waiting -= 1;
    if (queue.length === 0) this.#flows.delete(flow);
  }
}
