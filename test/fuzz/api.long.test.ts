/** As many strange requests as it takes to believe that none is a fault. */
import { expect, test } from "bun:test";
import { fuzzApi } from "./fuzz-api.ts";

/** Other ones each day, and the same ones all day. */
const seed = Number(
  process.env.PACIFIC_FUZZ_SEED ?? (Math.floor(Date.now() / 86_400_000) % 1000) * 1_000_000,
);
const count = Number(process.env.PACIFIC_FUZZ_INPUTS ?? 100_000);

test(`${count} strange requests from seed ${seed} on are answered`, async () => {
  const { faults, slowest } = await fuzzApi(seed, count);
  console.log(`The slowest took ${Math.round(slowest.ms)} ms: that of seed ${slowest.seed}`);
  expect(faults).toEqual([]);
}, 1_800_000);
