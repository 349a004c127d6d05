import { expect, test } from "bun:test";
import { readPressure } from "./pressure.ts";

const some = "some avg10=1.50 avg60=0.25 avg300=0.05 total=123456\n";
const full = "full avg10=0.00 avg60=0.00 avg300=0.00 total=789\n";

test("readPressure reads the kernel's two lines", () => {
  expect(readPressure(some + full)).toEqual({
    some: { totalMicroseconds: 123_456, avg10: 1.5, avg60: 0.25, avg300: 0.05 },
    full: { totalMicroseconds: 789, avg10: 0, avg60: 0, avg300: 0 },
  });
});

test("readPressure takes nothing else", () => {
  for (const text of ["", some, "some avg10=x", `${" ".repeat(1000)}${some}${full}`])
    expect(readPressure(text)).toBeUndefined();
});
