import { expect, test } from "bun:test";
import { parseQuantity, quantityMillis, quantityValue } from "./quantity.ts";

test("quantityValue reads decimal, binary and exponent suffixes and rounds up", () => {
  const cases: ReadonlyArray<readonly [string, number]> = [
    ["0", 0],
    ["1", 1],
    ["+2", 2],
    ["1.5Gi", 1_610_612_736],
    [".5Ki", 512],
    ["100M", 100_000_000],
    ["2e3", 2000],
    ["2E3", 2000],
    ["1E", 1_000_000_000_000_000_000],
    ["1Ei", 2 ** 60],
    ["5e-1", 1],
    ["1100m", 2],
    ["-1100m", -2],
    ["3.", 3],
  ];
  for (const [text, value] of cases) expect([text, quantityValue(text)]).toEqual([text, value]);
});

test("quantityMillis gives thousandths, rounded up", () => {
  expect(quantityMillis("250m")).toBe(250);
  expect(quantityMillis("2")).toBe(2000);
  expect(quantityMillis("0.0001")).toBe(1);
  expect(quantityMillis("100u")).toBe(1);
});

test("parseQuantity rounds what is finer than a billionth up", () => {
  expect(parseQuantity("0.0000000001")).toBe(1n);
  expect(parseQuantity("1n")).toBe(1n);
});

test("parseQuantity refuses what is no quantity, and names it", () => {
  for (const text of ["", "a", "1 Gi", "1ki", "1.2.3", "--1", "1e", "0x10", "."]) {
    expect(() => parseQuantity(text)).toThrow(`Quantity ${JSON.stringify(text)} must be a number`);
  }
});
