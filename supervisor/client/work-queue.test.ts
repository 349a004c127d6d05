import { expect, test } from "bun:test";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { WorkQueue } from "./work-queue.ts";

test("WorkQueue handles a key once however often it was added", async () => {
  const queue = new WorkQueue({ name: "test" });
  const controller = new AbortController();
  const handled: string[] = [];
  queue.add("a");
  queue.add("a");
  queue.add("b");
  await queue.run(controller.signal, 1, async (key) => {
    handled.push(key);
    if (handled.length === 2) controller.abort();
  });
  expect(handled).toEqual(["a", "b"]);
});

test("WorkQueue never handles a key twice at once, and again when it was added meanwhile", async () => {
  const queue = new WorkQueue({ name: "test" });
  const controller = new AbortController();
  let active = 0;
  let most = 0;
  let count = 0;
  queue.add("a");
  await queue.run(controller.signal, 4, async () => {
    active++;
    most = Math.max(most, active);
    count++;
    if (count === 1) queue.add("a");
    await new Promise((resolve) => setImmediate(resolve));
    active--;
    if (count === 2) controller.abort();
  });
  expect({ most, count }).toEqual({ most: 1, count: 2 });
});

test("WorkQueue doubles the delay of a key that fails and forgets it on success", async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ name: "test", clock, initialDelayMs: 10 });
  const controller = new AbortController();
  const startedAt = clock.now();
  const times: number[] = [];
  queue.add("a");
  const running = queue.run(controller.signal, 1, async () => {
    times.push(clock.now() - startedAt);
    if (times.length < 4) throw new Error("not yet");
  });
  await clock.advance(0);
  await clock.advance(1000);
  expect(times).toEqual([0, 10, 30, 70]);
  expect(queue.failures("a")).toBe(0);
  controller.abort();
  await running;
});

test("WorkQueue handles a key again after the time that its handler asks for, and stops its timers", async () => {
  const clock = new FakeClock();
  const queue = new WorkQueue({ name: "test", clock });
  const controller = new AbortController();
  let count = 0;
  queue.add("a");
  const running = queue.run(controller.signal, 1, async () => {
    count++;
    return { requeueAfterMs: 100 };
  });
  await clock.advance(0);
  await clock.advance(250);
  expect(count).toBe(3);
  controller.abort();
  await running;
  expect(clock.pending).toBe(0);
});
