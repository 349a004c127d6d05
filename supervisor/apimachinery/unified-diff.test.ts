import { expect, test } from "bun:test";
import { jsonDiff } from "./unified-diff.ts";

test("jsonDiff shows what differs with three lines around it", () => {
  const fields = Object.fromEntries(Array.from("abcdefghijklmnopqrst", (name) => [name, name]));
  expect(jsonDiff(fields, Object.fromEntries(Object.entries(fields).reverse()))).toBe("");
  expect(jsonDiff({ ...fields, e: "x", t: undefined }, fields)).toBe(
    [
      "@@ -3,7 +3,7 @@",
      '  "b": "b",',
      '  "c": "c",',
      '  "d": "d",',
      '- "e": "x",',
      '+ "e": "e",',
      '  "f": "f",',
      '  "g": "g",',
      '  "h": "h",',
      "@@ -17,5 +17,6 @@",
      '  "p": "p",',
      '  "q": "q",',
      '  "r": "r",',
      '- "s": "s"',
      '+ "s": "s",',
      '+ "t": "t"',
      " }",
      "",
    ].join("\n"),
  );
});

test("jsonDiff of large texts that have nothing in common ends soon", () => {
  const numbers = (from: number) => Array.from({ length: 20_000 }, (_, index) => from + index);
  expect(jsonDiff(numbers(0), numbers(50_000)).split("\n")).toHaveLength(40_004);
});
