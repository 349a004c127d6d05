import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";

/** Waits for a promise that never rejects, but at most `timeoutMs`; false when the time was over first. */
export async function within(clock: Clock, promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const done = new AbortController();
  const inTime = promise.then(() => true);
  const result = await Promise.race([inTime, clockSleep(clock, timeoutMs, done.signal).then(() => false)]);
  done.abort();
  return result;
}
