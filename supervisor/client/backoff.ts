export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** A number from 0 up to but without 1; `Math.random` by default. */
  readonly random?: () => number;
}

/** Delays that double from the initial one up to the longest, each shortened at random by up to half. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.initialMs;
  }

  next(): number {
    const { maxMs, random = Math.random } = this.#options;
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(maxMs, delayMs * 2);
    return delayMs * (1 - random() / 2);
  }

  reset(): void {
    this.#nextMs = this.#options.initialMs;
  }
}
