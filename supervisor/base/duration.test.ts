import { expect, test } from "bun:test";
import { formatDuration, parseDuration } from "./duration.ts";

test("parseDuration reads numbers with units", () => {
  expect(["0", "90s", "1h30m", "7d", "1.5h", "20ms"].map(parseDuration)).toEqual([
    0, 90_000, 5_400_000, 604_800_000, 5_400_000, 20,
  ]);
  for (const text of ["", "24", "h", "-1h", "1y"])
    expect(() => parseDuration(text)).toThrow("number with a unit");
});

test("formatDuration writes the two largest units", () => {
  expect([0, 12_000, 303_000, 86_340_000, 90_000_000, 86_400_000].map(formatDuration)).toEqual([
    "0s",
    "12s",
    "5m3s",
    "23h59m",
    "1d1h",
    "1d",
  ]);
});
