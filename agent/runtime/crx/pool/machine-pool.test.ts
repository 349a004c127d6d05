import { expect, test } from "bun:test";
import { Logger } from "../../../../supervisor/base/logging.ts";
import { FakeClock } from "../../../../test/framework/fake-clock.ts";
import { MachinePool } from "./machine-pool.ts";

/** A pool of numbered machines from a template that is a word; `break` ends one by itself. */
function pool(size: number) {
  const clock = new FakeClock();
  const state = { template: "first", made: 0, failures: 0, removed: [] as number[] };
  const made = new MachinePool({
    size,
    clock,
    logger: new Logger("error", () => {}),
    template: () => state.template || undefined,
    make: async (template: string) => {
      if (state.failures-- > 0) throw new Error("no");
      const { promise: lost, resolve } = Promise.withResolvers<void>();
      return { number: ++state.made, template, machine: { lost }, break: resolve };
    },
    remove: async ({ number }) => void state.removed.push(number),
  });
  return { pool: made, clock, state };
}

test("a pool is filled, and filled again some time after a machine was taken", async () => {
  const { pool: spares, clock, state } = pool(2);
  spares.fill();
  await clock.advance(0);
  expect(spares.count).toBe(2);
  const release = spares.hold();
  expect((await spares.take())?.number).toBe(1);
  await clock.advance(10_000);
  expect(spares.count).toBe(1);
  release();
  await clock.advance(400);
  expect(spares.count).toBe(1);
  await clock.advance(100);
  expect(spares.count).toBe(2);
  expect(state.made).toBe(3);
  await spares.close();
  expect(spares.count).toBe(0);
  expect(state.removed).toEqual([2, 3]);
  expect(clock.pending).toBe(0);
});

test("who finds none ready gets the one that is being made, and the next gets none", async () => {
  const { pool: spares } = pool(1);
  spares.fill();
  expect((await Promise.all([spares.take(), spares.take()])).map((each) => each?.number)).toEqual([
    1,
    undefined,
  ]);
  await spares.close();
});

test("machines of an earlier template are not used and end", async () => {
  const { pool: spares, clock, state } = pool(1);
  spares.fill();
  await clock.advance(0);
  state.template = "";
  expect(await spares.take()).toBeUndefined();
  await spares.renew();
  expect(state.removed).toEqual([1]);
  state.template = "second";
  await spares.renew();
  await clock.advance(0);
  expect((await spares.take())?.template).toBe("second");
  await spares.close();
});

test("after a failure, the end of a machine or a lack of memory nothing is made for a time", async () => {
  const { pool: spares, clock, state } = pool(1);
  state.failures = 1;
  spares.fill();
  await clock.advance(29_000);
  expect(spares.count).toBe(0);
  await clock.advance(1000);
  expect(spares.count).toBe(1);
  await spares.empty(300_000);
  expect(state.removed).toEqual([1]);
  await clock.advance(299_000);
  expect(spares.count).toBe(0);
  await clock.advance(1000);
  const ended = await spares.take();
  expect(ended?.number).toBe(2);
  ended?.break();
  await clock.advance(0);
  expect(state.removed).toEqual([1]);
  await spares.close();
});
