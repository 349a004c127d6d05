import { setTimeout } from "node:timers/promises";

/** Polls until `check` gives something true, and returns it; throws what was awaited when the time is over. */
export async function eventually<T>(
  what: string,
  timeoutMs: number,
  check: () => T | undefined | null | false | Promise<T | undefined | null | false>,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    await setTimeout(20);
  }
}
