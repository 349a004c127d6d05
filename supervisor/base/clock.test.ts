import { expect, test } from "bun:test";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { clockSleep } from "./clock.ts";

test("clockSleep resolves when the clock has reached its time", async () => {
  const clock = new FakeClock();
  let done = false;
  const sleeping = clockSleep(clock, 100).then(() => {
    done = true;
  });
  await clock.advance(99);
  expect(done).toBe(false);
  await clock.advance(1);
  await sleeping;
  expect(done).toBe(true);
});

test("clockSleep resolves at once when its signal aborts, and leaves no timer", async () => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const sleeping = clockSleep(clock, 100, controller.signal);
  controller.abort();
  await sleeping;
  expect(clock.pending).toBe(0);
});
