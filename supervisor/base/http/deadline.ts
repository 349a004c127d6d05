/** One timer for a deadline that moves often: moving it later costs no timer call. */
export class Deadline {
  readonly #expired: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #firesAt = 0;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** Sets the deadline to `delayMs` from now, whatever it was. */
  set(delayMs: number): void {
    const now = performance.now();
    this.#dueAt = now + delayMs;
    if (this.#timer !== undefined && this.#firesAt <= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#start(now);
  }

  /** There is no deadline until the next {@link set}. */
  clear(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** Ends the timer too. */
  close(): void {
    this.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(now: number): void {
    this.#firesAt = this.#dueAt;
    this.#timer = setTimeout(() => this.#fired(), this.#dueAt - now);
  }

  #fired(): void {
    this.#timer = undefined;
    const now = performance.now();
    if (this.#dueAt === Number.POSITIVE_INFINITY) return;
    if (this.#dueAt > now) {
      this.#start(now);
      return;
    }
    this.clear();
    this.#expired();
  }
}
