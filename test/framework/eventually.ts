import { setTimeout } from "node:timers/promises";

/** No deadline is shorter: it is there for what hangs, and on a busy machine everything takes many times longer. */
const leastTimeoutMs = 120_000;
const leastPauseMs = 20;
const mostPauseMs = 500;

/** Polls until `check` gives something true, and returns it; throws what was awaited when the time is over. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  check: () => T | undefined | null | false | Promise<T | undefined | null | false>,
): Promise<T> {
  const limitMs = Math.max(timeoutMs, leastTimeoutMs);
  const begunAt = performance.now();
  for (;;) {
    const askedAt = performance.now();
    const value = await check();
    if (value) return value;
    const now = performance.now();
    if (now - begunAt > limitMs) throw new Error(`Waited ${limitMs} ms in vain until ${what}`);
    // What is dear to ask for is asked for less often, and leaves the machine to what is awaited.
    await setTimeout(Math.min(Math.max(now - askedAt, leastPauseMs), mostPauseMs));
  }
}
