import { expect, test } from "bun:test";
import { humanDuration } from "./human-duration.ts";

test("humanDuration shows what kubectl shows", () => {
  const seconds: Readonly<Record<string, number>> = {
    "<invalid>": -2,
    "0s": -0.5,
    "119s": 119,
    "2m": 120,
    "3m7s": 187,
    "10m": 630,
    "179m": 179 * 60,
    "3h": 180 * 60,
    "7h59m": 7 * 3600 + 59 * 60,
    "47h": 47 * 3600,
    "2d1h": 49 * 3600,
    "8d": 192 * 3600,
    "2y": 2 * 365 * 86400,
    "2y5d": (2 * 365 + 5) * 86400,
  };
  for (const [text, count] of Object.entries(seconds)) expect(humanDuration(count * 1000)).toBe(text);
});
