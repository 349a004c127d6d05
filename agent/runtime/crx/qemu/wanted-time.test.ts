import { expect, test } from "bun:test";
import { wantedTimeMs } from "./wanted-time.ts";

test("a process that runs, or would, wants the processor; one that is gone wants nothing", async () => {
  const me = { pid: process.pid, startTime: "" };
  const before = wantedTimeMs(me);
  const end = performance.now() + 30;
  while (performance.now() < end);
  expect(wantedTimeMs(me) - before).toBeGreaterThan(20);
  const child = Bun.spawn(["true"]);
  await child.exited;
  expect(wantedTimeMs({ pid: child.pid, startTime: "" })).toBe(0);
});
