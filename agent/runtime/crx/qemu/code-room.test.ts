import { expect, test } from "bun:test";
import { type Processors, waitForCodeRoom } from "./code-room.ts";

/** How often was looked before there was room, where QEMU says one after another that so much of 16 MiB is used. */
async function looks(usedMebibytes: readonly number[], processors: Processors): Promise<number> {
  let count = 0;
  const execute = async (): Promise<unknown> => {
    const used = Math.round((usedMebibytes[count++] ?? 0) * 2 ** 20);
    return { "human-readable-text": `Translation buffer state:\ngen code size       ${used}/16736256\n` };
  };
  await waitForCodeRoom({ execute }, processors, async () => {});
  return count;
}

test("a processor waits while its QEMU's last region of code is in use, and comes when the buffer was emptied", async () => {
  expect(await looks([4], { present: 1, most: 2 })).toBe(1);
  expect(await looks([13], { present: 1, most: 2 })).toBe(1);
  expect(await looks([14.5, 15.5, 15.9, 0.3], { present: 1, most: 2 })).toBe(4);
});

test("each processor that is there has begun a region", async () => {
  expect(await looks([11], { present: 3, most: 4 })).toBe(2);
  expect(await looks([9], { present: 3, most: 4 })).toBe(1);
  // With many processors each has one region of its own.
  expect(await looks([15], { present: 1, most: 64 })).toBe(1);
  expect(await looks([15.4], { present: 2, most: 64 })).toBe(2);
});

test("what is not emulated has no such buffer", async () => {
  const execute = (): Promise<unknown> => Promise.reject(new Error("only available with accel=tcg"));
  await waitForCodeRoom({ execute }, { present: 1, most: 4 });
});
