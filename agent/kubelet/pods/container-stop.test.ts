import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { ContainerStop, type ContainerStopOptions } from "./container-stop.ts";

function begin(graceSeconds: number, options: Partial<ContainerStopOptions> = {}) {
  const clock = new FakeClock();
  const stops: number[] = [];
  const stop = new ContainerStop({
    clock,
    graceSeconds,
    turn: Promise.resolve(),
    stop: async (timeoutMs) => {
      stops.push(timeoutMs);
    },
    ...options,
  });
  return { clock, stops, stop };
}

test("ContainerStop gives the grace period to the signal where there is no hook, and two seconds at least", async () => {
  for (const [graceSeconds, timeoutMs] of [
    [30, 30_000],
    [1, 2000],
    [0, 2000],
  ] as const) {
    const { stop, stops } = begin(graceSeconds);
    await stop.done;
    expect(stops).toEqual([timeoutMs]);
  }
});

test("ContainerStop counts the hook's time against the grace period", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { clock, stop, stops } = begin(30, { hook: () => promise });
  await clock.advance(12_000);
  expect(stops).toEqual([]);
  resolve();
  await stop.done;
  expect(stops).toEqual([18_000]);
});

test("ContainerStop counts by steady time: a host whose clock is set neither cuts a grace period nor draws it out", async () => {
  for (const jumpMs of [-3_600_000, 3_600_000]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { clock, stop, stops } = begin(30, { hook: () => promise });
    await clock.advance(12_000);
    clock.jump(jumpMs);
    resolve();
    await stop.done;
    expect(stops).toEqual([18_000]);
  }
});

test("ContainerStop gives up a hook that takes all of the grace period", async () => {
  let aborted = false;
  const hook = (signal: AbortSignal): Promise<void> => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    return new Promise(() => {});
  };
  const { clock, stop, stops } = begin(30, { hook });
  await clock.advance(30_000);
  await stop.done;
  expect([aborted, stops]).toEqual([true, [2000]]);
});

test("ContainerStop waits for its turn, no longer than the grace period", async () => {
  const { clock, stop, stops } = begin(10, { turn: new Promise(() => {}) });
  await clock.advance(9999);
  expect(stops).toEqual([]);
  await clock.advance(1);
  await stop.done;
  expect(stops).toEqual([2000]);
});

test("ContainerStop takes a shorter grace period in each of its phases, and never a longer one", async () => {
  const { clock, stop, stops } = begin(300, { hook: () => new Promise(() => {}) });
  await clock.advance(1000);
  await stop.shorten(3);
  await stop.shorten(200);
  await clock.advance(2999);
  expect(stops).toEqual([]);
  await clock.advance(1);
  await stop.done;
  expect(stops).toEqual([2000]);
  const late = begin(300);
  await late.stop.done;
  await late.stop.shorten(5);
  expect(late.stops).toEqual([300_000, 5000]);
});
