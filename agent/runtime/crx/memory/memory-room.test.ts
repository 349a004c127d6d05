import { expect, test } from "bun:test";
import { FakeClock } from "../../../../test/framework/fake-clock.ts";
import { MemoryRoom } from "./memory-room.ts";

const mebibyte = 2 ** 20;

test("MemoryRoom gives what the box has left, once, and keeps some of it free", async () => {
  const clock = new FakeClock();
  const room = new MemoryRoom(clock, () => 1000 * mebibyte);
  expect(room.take(500 * mebibyte)).toBe(500 * mebibyte);
  expect(room.take(500 * mebibyte)).toBe(244 * mebibyte);
  expect(room.take(500 * mebibyte)).toBe(0);
  // By then it is used, or it is free.
  await clock.advance(10_000);
  expect(room.take(500 * mebibyte)).toBe(500 * mebibyte);
});
