import { expect, test } from "bun:test";
import { together } from "./together.ts";

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

test("together runs until the signal", async () => {
  const stop = new AbortController();
  const running = together(stop.signal, [untilAborted, untilAborted]);
  stop.abort();
  await running;
});

test("together stops all parts when one fails, and says why", async () => {
  let stopped = false;
  const running = together(new AbortController().signal, [
    async (signal) => {
      await untilAborted(signal);
      stopped = true;
    },
    async () => {
      throw new Error("broken");
    },
  ]);
  await expect(running).rejects.toThrow("broken");
  expect(stopped).toBe(true);
});
