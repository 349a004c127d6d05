import { expect, test } from "bun:test";
import { microsecondsOf, shutdownOf } from "./logind.ts";

test("shutdownOf reads busctl's signals and passes others over", () => {
  const line = (member: string, data: boolean): string =>
    JSON.stringify({ type: "signal", member, payload: { type: "b", data: [data] } });
  expect(shutdownOf(line("PrepareForShutdown", true))).toBe(true);
  expect(shutdownOf(line("PrepareForShutdown", false))).toBe(false);
  expect(shutdownOf(line("PrepareForSleep", true))).toBeUndefined();
  expect(shutdownOf("Monitoring bus message stream.")).toBeUndefined();
});

test("microsecondsOf reads a property", () => {
  expect(microsecondsOf("t 5000000\n")).toBe(5_000_000);
  expect(() => microsecondsOf("s text")).toThrow('busctl said "s text"');
});
