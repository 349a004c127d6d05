import type { Clock } from "../../base/clock.ts";

/** How often a server that answers is asked whether it still does, as upstream. */
const intervalMs = 30_000;
const firstRetryMs = 1000;

/** Does a piece of work when there is cause, and again from time to time; one that fails soon, then less and less so. */
export class RemoteMonitor {
  readonly #clock: Clock;
  readonly #work: () => Promise<boolean>;
  #running = false;
  #again = false;
  #stopped = false;
  #retryMs = firstRetryMs;
  #cancel: () => void = () => {};

  /** `work` tells whether all is well; it may not reject. */
  constructor(clock: Clock, work: () => Promise<boolean>) {
    this.#clock = clock;
    this.#work = work;
  }

  /** There is cause to do the work now. */
  poke(): void {
    if (this.#stopped) return;
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #run(): Promise<void> {
    this.#running = true;
    this.#cancel();
    let isWell = false;
    do {
      this.#again = false;
      isWell = await this.#work();
    } while (this.#again && !this.#stopped);
    this.#running = false;
    if (this.#stopped) return;
    const delayMs = isWell ? intervalMs : this.#retryMs;
    this.#retryMs = isWell ? firstRetryMs : Math.min(intervalMs, this.#retryMs * 2);
    this.#cancel = this.#clock.after(delayMs, () => this.poke());
  }
}
