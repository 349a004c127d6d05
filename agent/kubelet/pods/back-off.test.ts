import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { BackOff } from "./back-off.ts";

test("BackOff doubles from its first delay to its longest", () => {
  const clock = new FakeClock();
  const backOff = new BackOff(clock, 10_000, 300_000);
  const delays: number[] = [];
  for (let i = 0; i < 7; i++) {
    backOff.next("a", clock.now());
    delays.push(backOff.delayMs("a"));
  }
  expect(delays).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
});

test("BackOff counts the wait from the event and lets an unknown key go at once", async () => {
  const clock = new FakeClock();
  const backOff = new BackOff(clock, 10_000, 300_000);
  expect(backOff.remainingSince("a", clock.now())).toBe(0);
  const failedMs = clock.now();
  backOff.next("a", failedMs);
  await clock.advance(4000);
  expect(backOff.remainingSince("a", failedMs)).toBe(6000);
  expect(backOff.remaining("a")).toBe(6000);
  await clock.advance(6000);
  expect(backOff.remainingSince("a", failedMs)).toBe(0);
});

test("BackOff waits for no clock that was set back", async () => {
  const clock = new FakeClock();
  const backOff = new BackOff(clock, 10_000, 300_000);
  const failedMs = clock.now();
  backOff.next("a", failedMs);
  clock.jump(-3_600_000);
  expect(backOff.remainingSince("a", failedMs)).toBe(0);
});

test("BackOff begins anew after twice its longest delay of quiet", async () => {
  const clock = new FakeClock();
  const backOff = new BackOff(clock, 10_000, 300_000);
  backOff.next("a", clock.now());
  backOff.next("a", clock.now());
  await clock.advance(600_001);
  expect(backOff.remainingSince("a", clock.now())).toBe(0);
  backOff.next("a", clock.now());
  expect(backOff.delayMs("a")).toBe(10_000);
});

test("BackOff forgets keys by prefix", () => {
  const clock = new FakeClock();
  const backOff = new BackOff(clock, 10_000, 300_000);
  backOff.next("pod-1_web", clock.now());
  backOff.next("pod-2_web", clock.now());
  backOff.forget("pod-1_");
  expect([backOff.delayMs("pod-1_web"), backOff.delayMs("pod-2_web")]).toEqual([0, 10_000]);
});
