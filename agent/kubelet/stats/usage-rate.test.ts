import { expect, test } from "bun:test";
import { UsageRates } from "./usage-rate.ts";

const second = 1_000_000_000;

test("UsageRates.rate is that of the time between two readings, and at first since the start", () => {
  const rates = new UsageRates();
  expect(rates.rate("a", { atMs: 10_000, cpuNanoseconds: 2 * second }, 0)).toBe(second / 5);
  expect(rates.rate("a", { atMs: 12_000, cpuNanoseconds: 3 * second }, 0)).toBe(second / 2);
});

test("UsageRates.rate keeps its answer where the readings are too close", () => {
  const rates = new UsageRates();
  rates.rate("a", { atMs: 10_000, cpuNanoseconds: second }, 0);
  expect(rates.rate("a", { atMs: 10_100, cpuNanoseconds: 1.1 * second }, 0)).toBe(second / 10);
  expect(rates.rate("a", { atMs: 12_000, cpuNanoseconds: 3 * second }, 0)).toBe(second);
});

test("UsageRates.rate goes by the counter's own clock, however late a reading came", () => {
  const rates = new UsageRates();
  rates.rate("a", { atMs: 10_900, cpuNanoseconds: second, readAtMs: 500 }, 0);
  expect(rates.rate("a", { atMs: 12_000, cpuNanoseconds: 2 * second, readAtMs: 2500 }, 0)).toBe(second / 2);
  // Another machine's clock, which began later.
  expect(rates.rate("a", { atMs: 14_000, cpuNanoseconds: 3 * second, readAtMs: 100 }, 0)).toBe(second / 2);
});

test("UsageRates.rate begins anew where the counter did", () => {
  const rates = new UsageRates();
  rates.rate("a", { atMs: 10_000, cpuNanoseconds: 5 * second }, 0);
  expect(rates.rate("a", { atMs: 12_000, cpuNanoseconds: second }, 10_000)).toBe(second / 2);
});

test("UsageRates.keep forgets the others", () => {
  const rates = new UsageRates();
  rates.rate("a", { atMs: 10_000, cpuNanoseconds: second }, 0);
  rates.keep(new Set());
  expect(rates.rate("a", { atMs: 20_000, cpuNanoseconds: second }, 19_000)).toBe(second);
});
