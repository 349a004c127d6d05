import { describe, expect, test } from "bun:test";
import type { Clock } from "../../../../supervisor/base/clock.ts";
import { FakeClock } from "../../../../test/framework/fake-clock.ts";
import { drained } from "./drained.ts";

function start(clock: FakeClock, of: Clock = clock) {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const log = { finished, writtenBytes: 0 };
  const wait = { isOver: false };
  void drained(of, log).then(() => {
    wait.isOver = true;
  });
  return { log, wait, finish };
}

describe("drained", () => {
  test("ends with the log", async () => {
    const clock = new FakeClock();
    const { wait, finish } = start(clock);
    await clock.advance(100);
    expect(wait.isOver).toBe(false);
    finish();
    await clock.advance(0);
    expect(wait.isOver).toBe(true);
  });

  test("waits as long as the log grows, and two seconds more", async () => {
    const clock = new FakeClock();
    const { log, wait } = start(clock);
    for (let round = 0; round < 5; round++) {
      log.writtenBytes += 1;
      await clock.advance(1900);
      expect(wait.isOver).toBe(false);
    }
    await clock.advance(1000);
    expect(wait.isOver).toBe(true);
  });

  test("does not take its own process's halt for the log's end", async () => {
    const clock = new FakeClock();
    let halts = 1;
    const halting: Clock = {
      now: () => clock.now(),
      steady: () => clock.steady(),
      after(delayMs, callback) {
        if (halts-- <= 0) return clock.after(delayMs, callback);
        // All of the time has passed when the process goes on, and what came meanwhile is read after the timers.
        setImmediate(() => {
          callback();
          setImmediate(() => {
            log.writtenBytes += 1;
          });
        });
        return () => {};
      },
    };
    const { log, wait } = start(clock, halting);
    await clock.advance(2000);
    expect(wait.isOver).toBe(false);
    await clock.advance(1000);
    expect(wait.isOver).toBe(true);
  });
});
