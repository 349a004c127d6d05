import { expect, test } from "bun:test";
import { FakeClock } from "../../../../test/framework/fake-clock.ts";
import { RuntimeError } from "../../runtime.ts";
import { watchGuest } from "./watch-guest.ts";

const pulse = { intervalMs: 1000, answerMs: 500, misses: 3 };

/** Answers what `next` says, and records the times that it was given. */
function fakeGuest(next: () => number | undefined) {
  const clocks: number[] = [];
  const asked: number[] = [];
  const guest = {
    clocks,
    asked,
    async ping(timeoutMs: number) {
      asked.push(timeoutMs);
      return next();
    },
    async setClock(nowMs: number) {
      clocks.push(nowMs);
    },
  };
  return guest;
}

function timeout(): never {
  throw new RuntimeError("timeout", "The guest did not answer within 500 ms");
}

test("a guest that misses three questions in a row is given up", async () => {
  const clock = new FakeClock();
  const answers = [timeout, timeout, () => undefined, timeout, timeout, timeout];
  const guest = fakeGuest(() => answers.shift()?.());
  const verdict = watchGuest(guest, clock, pulse, new AbortController().signal);
  await clock.advance(2000);
  expect(await verdict).toBe("The guest did not answer for 1.5 s");
  expect(guest.asked).toEqual([500, 500, 500, 500, 500, 500]);
});

test("a clock that is wrong is set, one that is nearly right is not", async () => {
  const clock = new FakeClock();
  const differences = [0, 900, -900, 5000, -3_600_000];
  const guest = fakeGuest(() => clock.now() + (differences.shift() ?? 0));
  const stop = new AbortController();
  const watching = watchGuest(guest, clock, pulse, stop.signal);
  const start = clock.now();
  await clock.advance(6000);
  expect(guest.clocks).toEqual([start + 4000, start + 5000]);
  stop.abort();
  expect(await watching).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("an older guest tells no time, and a machine that is gone is none that hangs", async () => {
  const clock = new FakeClock();
  const gone = (): never => {
    throw new RuntimeError("sandbox-gone", "The sandbox's machine is gone");
  };
  const answers = [() => undefined, gone];
  const guest = fakeGuest(() => answers.shift()?.());
  const watching = watchGuest(guest, clock, pulse, new AbortController().signal);
  await clock.advance(2000);
  expect(await watching).toBeUndefined();
  expect(guest.clocks).toEqual([]);
});
