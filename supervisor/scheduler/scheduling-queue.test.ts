import { expect, test } from "bun:test";
import { FakeClock } from "../../test/framework/fake-clock.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

async function drain(queue: SchedulingQueue, clock: FakeClock): Promise<string[]> {
  const keys: string[] = [];
  const collecting = (async () => {
    for (;;) {
      const key = await queue.next();
      if (key === undefined) return;
      keys.push(key);
    }
  })();
  await clock.advance(0);
  queue.close();
  await collecting;
  return keys;
}

test("SchedulingQueue gives the highest priority first, then the oldest", async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add("a", 0);
  queue.add("b", 10);
  queue.add("c", 0);
  queue.add("a", 0);
  queue.remove("d");
  expect(await drain(queue, clock)).toEqual(["b", "c", "a"]);
});

test("a refused Pod comes again after a change in the cluster and its back-off, not before", async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add("a", 0);
  expect(await queue.next()).toBe("a");
  queue.refuse("a");
  await clock.advance(60_000);
  expect(clock.pending).toBe(0);
  queue.retryAll();
  expect(await queue.next()).toBe("a");
  queue.refuse("a");
  queue.retryAll();
  const next = queue.next();
  await clock.advance(1_999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await next).toBe("a");
});

test("a removed Pod does not come again", async () => {
  const clock = new FakeClock();
  const queue = new SchedulingQueue(clock);
  queue.add("a", 0);
  expect(await queue.next()).toBe("a");
  queue.retry("a");
  queue.remove("a");
  expect(clock.pending).toBe(0);
  expect(await drain(queue, clock)).toEqual([]);
});
