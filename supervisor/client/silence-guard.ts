import type { Clock } from "../base/clock.ts";

/** Servers send a bookmark about every minute: a stream that is silent for longer than this is taken for dead. */
const silenceLimitMs = 150_000;

/** Aborts its signal when nothing was heard for too long, or with the outer signal. */
export class SilenceGuard {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #onAbort = (): void => this.#controller.abort();
  #heardAt: number;
  #cancelTimer: () => void = () => {};

  constructor(clock: Clock, outer: AbortSignal) {
    this.#clock = clock;
    this.#outer = outer;
    this.#heardAt = clock.now();
    if (outer.aborted) this.#controller.abort();
    outer.addEventListener("abort", this.#onAbort, { once: true });
    this.#arm(silenceLimitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  stop(): void {
    this.#cancelTimer();
    this.#outer.removeEventListener("abort", this.#onAbort);
    this.#controller.abort();
  }

  #arm(delayMs: number): void {
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      const leftMs = this.#heardAt + silenceLimitMs - this.#clock.now();
      if (leftMs <= 0) this.#controller.abort();
      else this.#arm(leftMs);
    });
  }
}
