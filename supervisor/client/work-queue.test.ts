import { expect, test } from "bun:test";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { MetricsRegistry } from "../base/metrics/metrics-registry.ts";
import { WorkQueue } from "./work-queue.ts";
import { WorkQueueMetrics } from "./work-queue-metrics.ts";

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

test("WorkQueue counts what waits, what is worked on and what comes again, by its name", async () => {
  const registry = new MetricsRegistry();
  let nowMs = 0;
  const metrics = new WorkQueueMetrics(registry, () => nowMs);
  const queue = new WorkQueue({ name: "test", clock: new FakeClock(0), metrics });
  const controller = new AbortController();
  const lines = async (part: string) =>
    (await registry.text()).split("\n").filter((line) => line.includes(part) && !line.startsWith("#"));
  const during: string[][] = [];
  queue.add("a");
  queue.add("a");
  queue.add("b");
  nowMs = 50;
  await queue.run(controller.signal, 1, async (key) => {
    if (key === "a") queue.add("a");
    nowMs += 2000;
    during.push(await lines("seconds{"), await lines("depth"));
    if (key === "b") controller.abort();
    return { requeueAfterMs: 10 };
  });
  expect(during.slice(0, 2)).toEqual([
    [
      'workqueue_longest_running_processor_seconds{name="test"} 2',
      'workqueue_unfinished_work_seconds{name="test"} 2',
    ],
    ['workqueue_depth{name="test"} 2'],
  ]);
  expect(await lines("_total")).toEqual([
    'workqueue_adds_total{name="test"} 3',
    'workqueue_retries_total{name="test"} 2',
  ]);
  expect(await lines("_sum")).toEqual([
    'workqueue_queue_duration_seconds_sum{name="test"} 2.0999999999999996',
    'workqueue_work_duration_seconds_sum{name="test"} 4',
  ]);
  expect((await lines("workqueue_work_duration_seconds_bucket")).slice(0, 2)).toEqual([
    'workqueue_work_duration_seconds_bucket{name="test",le="1e-06"} 0',
    'workqueue_work_duration_seconds_bucket{name="test",le="9.999999999999999e-06"} 0',
  ]);
});
