import { expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { StartGate } from "./start-gate.ts";

function scene(most: number) {
  const clock = new FakeClock();
  const gate = new StartGate(most, clock);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => (): Promise<void> => {
    begun.push(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.set(name, resolve);
    return promise;
  };
  const end = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) ends.get(name)?.();
    await clock.advance(0);
  };
  const never = new AbortController().signal;
  const machine = (name: string, signal = never): Promise<void> => gate.machine(work(name), signal);
  return { clock, gate, begun, work, end, machine };
}

test("so many machines start at once, the others in their turn", async () => {
  const { begun, end, machine, clock } = scene(2);
  const all = ["a", "b", "c", "d"].map((name) => machine(name));
  await clock.advance(0);
  expect(begun).toEqual(["a", "b"]);
  await end("a", "b");
  expect(begun).toEqual(["a", "b", "c", "d"]);
  await end("c", "d");
  await Promise.all(all);
  expect(clock.pending).toBe(0);
});

test("what a Pod with a machine needs does not wait, and goes ahead of new machines", async () => {
  const { begun, end, machine, gate, work, clock } = scene(1);
  const all = [machine("a"), machine("b"), gate.step(work("step"))];
  await clock.advance(0);
  expect(begun).toEqual(["a", "step"]);
  await end("a");
  expect(begun).toEqual(["a", "step"]);
  await end("step");
  expect(begun).toEqual(["a", "step", "b"]);
  await end("b");
  await Promise.all(all);
});

test("a step that takes long holds nobody up, and one that fails neither", async () => {
  const { begun, end, machine, gate, clock } = scene(1);
  const failed = gate.step(() => Promise.reject(new Error("no"))).catch(String);
  const all = [machine("hangs"), machine("next")];
  expect(await failed).toBe("Error: no");
  await clock.advance(4999);
  expect(begun).toEqual(["hangs"]);
  await clock.advance(1);
  expect(begun).toEqual(["hangs", "next"]);
  await end("hangs", "next");
  await Promise.all(all);
});

test("who is called off while it waits makes room for nobody else's turn", async () => {
  const { begun, end, machine, clock } = scene(1);
  const stop = new AbortController();
  const first = machine("a");
  const second = machine("b", stop.signal).catch(String);
  const third = machine("c");
  stop.abort(new Error("The Pod was deleted"));
  expect(await second).toBe("Error: The Pod was deleted");
  expect(await machine("d", stop.signal).catch(String)).toBe("Error: The Pod was deleted");
  await end("a");
  expect(begun).toEqual(["a", "c"]);
  await end("c");
  await Promise.all([first, third]);
  expect(clock.pending).toBe(0);
});
