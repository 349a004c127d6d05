import type { Clock } from "../../../supervisor/base/clock.ts";

export interface ContainerStopOptions {
  readonly clock: Clock;
  readonly graceSeconds: number;
  /** The preStop hook. Never rejects. */
  readonly hook?: (signal: AbortSignal) => Promise<void>;
  /** When those have ended that are to end before. Never rejects. */
  readonly turn: Promise<unknown>;
  /** Sends the stop signal, and kills after the time; may be called again with a shorter one. */
  readonly stop: (timeoutMs: number) => Promise<void>;
}

/** What a container always gets to end by itself (kubelet `minimumGracePeriodInSeconds`). */
const leastMs = 2000;

/**
 * The end of one container: its hook, its turn and its signal share one grace period, which may be shortened
 * (kubelet `killContainer`).
 */
export class ContainerStop {
  readonly #options: ContainerStopOptions;
  readonly #hookOver = new AbortController();
  /** Resolves when the container has ended. */
  readonly done: Promise<void>;
  #deadlineMs: number;
  #isStopping = false;
  #wake: (() => void) | undefined;

  constructor(options: ContainerStopOptions) {
    this.#options = options;
    this.#deadlineMs = options.clock.steady() + options.graceSeconds * 1000;
    this.done = this.#run();
  }

  /** Takes a shorter grace period, from now on. */
  async shorten(graceSeconds: number): Promise<void> {
    const deadlineMs = this.#options.clock.steady() + graceSeconds * 1000;
    if (deadlineMs >= this.#deadlineMs) return;
    this.#deadlineMs = deadlineMs;
    if (this.#isStopping) await this.#options.stop(this.#remainingMs());
    else this.#wake?.();
  }

  /** The container has ended by itself: its hook need not go on. */
  containerEnded(): void {
    this.#hookOver.abort();
  }

  async #run(): Promise<void> {
    const { hook, turn, stop } = this.#options;
    if (hook) {
      await this.#inTime(hook(this.#hookOver.signal));
      this.#hookOver.abort();
    }
    await this.#inTime(turn);
    this.#isStopping = true;
    await stop(this.#remainingMs());
  }

  #remainingMs(): number {
    return Math.max(leastMs, this.#deadlineMs - this.#options.clock.steady());
  }

  /** Waits for a promise that never rejects, until the grace period is over. */
  #inTime(promise: Promise<unknown>): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      let cancel = (): void => {};
      const finish = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const wait = (): void => {
        cancel();
        const remainingMs = this.#deadlineMs - clock.steady();
        if (remainingMs <= 0) finish();
        else cancel = clock.after(remainingMs, finish);
      };
      this.#wake = wait;
      void promise.then(finish);
      wait();
    });
  }
}
