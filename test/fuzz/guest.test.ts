/** A guest that sends anything it likes ends its own session at worst: the host lives, and keeps little of it. */
import { expect, test } from "bun:test";
import { fuzzGuest } from "./fuzz-guest.ts";

/** The same ones every day: what passed here passes elsewhere. */
const seed = Number(process.env.PACIFIC_FUZZ_SEED ?? 1_000_000);
const count = Number(process.env.PACIFIC_FUZZ_INPUTS ?? 20_000);
const maxGrowthBytes = 128 << 20;

test(`${count} strange frames of a guest from seed ${seed} on are survived`, async () => {
  await fuzzGuest(seed, 1000);
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  const { faults, endings } = await fuzzGuest(seed, count);
  expect(faults).toEqual([]);
  // Neither is all refused, nor is nothing.
  expect(endings.get("ProtocolError") ?? 0).toBeGreaterThan(0);
  expect(endings.get("closed") ?? 0).toBeGreaterThan(0);
  Bun.gc(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(maxGrowthBytes);
}, 600_000);
