import { describe, expect, test } from "bun:test";
import { signalNumber } from "./signal-number.ts";

describe("signalNumber", () => {
  test.each([
    ["", 15],
    ["SIGTERM", 15],
    ["quit", 3],
    ["9", 9],
    ["SIGRTMIN", 34],
    ["SIGRTMIN+3", 37],
    ["RTMAX-1", 63],
  ])("%p is %p", (text, number) => {
    expect(signalNumber(text)).toBe(number);
  });

  test.each(["SIGNOPE", "0", "65", "RTMIN+40", "-1", "TERM "])("%p is refused", (text) => {
    expect(() => signalNumber(text)).toThrow(`Stop signal ${text} is unknown`);
  });
});
