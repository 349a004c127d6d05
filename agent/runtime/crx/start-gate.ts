import type { Clock } from "../../../supervisor/base/clock.ts";

/** A step that takes longer waits for something else than this box's processors, or for a guest that does not answer. */
const longestStepMs = 5000;

/**
 * Holds machines back while others start. Beside more starts than there are processors each takes the longer, until all
 * of them are given up as too late; one after another all come in the same time, and the first ones soon. What a Pod
 * needs that has its machine goes ahead of new machines, and never waits.
 */
export class StartGate {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<(leave: () => void) => void>();
  #busy = 0;

  /** So many machines start beside each other. */
  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Does a step of a start at once. */
  step<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(work, this.#enter());
  }

  /** Starts a machine when it is its turn. Throws the signal's reason while it waits. */
  async machine<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    return await this.#run(work, this.#busy < this.#most ? this.#enter() : await this.#turn(signal));
  }

  async #run<T>(work: () => Promise<T>, leave: () => void): Promise<T> {
    try {
      return await work();
    } finally {
      leave();
    }
  }

  #enter(): () => void {
    let isIn = true;
    this.#busy++;
    const leave = (): void => {
      if (!isIn) return;
      isIn = false;
      cancel();
      this.#busy--;
      this.#admit();
    };
    const cancel = this.#clock.after(longestStepMs, leave);
    return leave;
  }

  /** Whoever has waited longest goes first. */
  #admit(): void {
    for (const enter of this.#waiting) {
      if (this.#busy >= this.#most) return;
      this.#waiting.delete(enter);
      enter(this.#enter());
    }
  }

  #turn(signal: AbortSignal): Promise<() => void> {
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const onAbort = (): void => {
      if (this.#waiting.delete(resolve)) reject(signal.reason);
    };
    this.#waiting.add(resolve);
    signal.addEventListener("abort", onAbort, { once: true });
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }
}
