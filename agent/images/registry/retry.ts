import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { ImageError } from "../image-service.ts";

export interface RetryOptions {
  readonly attempts: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const firstDelayMs = 500;

/** Tries again, with delays that double from half a second, what failed for a reason that may pass (`unavailable`). */
export async function retryUnavailable<T>(run: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const mayPass = error instanceof ImageError && error.kind === "unavailable";
      if (!mayPass || attempt >= options.attempts) throw error;
    }
    await clockSleep(options.clock, firstDelayMs * 2 ** (attempt - 1), options.signal);
    options.signal.throwIfAborted();
  }
}
