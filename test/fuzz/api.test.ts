/** Strange requests of every kind get an answer, and never one that tells of a fault. */
import { expect, test } from "bun:test";
import { fuzzApi } from "./fuzz-api.ts";

/** The same ones every day: what passed here passes elsewhere. */
const seed = Number(process.env.PACIFIC_FUZZ_SEED ?? 1_000_000);
const count = Number(process.env.PACIFIC_FUZZ_INPUTS ?? 5000);

test(`${count} strange requests from seed ${seed} on are answered`, async () => {
  const { faults, byStatus } = await fuzzApi(seed, count);
  expect(faults).toEqual([]);
  // Neither everything is refused, nor everything taken.
  for (const status of [200, 201, 400, 404, 409, 415, 422])
    expect(byStatus.get(status) ?? 0).toBeGreaterThan(0);
}, 600_000);
