import { expect, test } from "bun:test";
import { formatAddress, overlap, parseAddress, parseCidr, requireNetwork } from "./ipv4-network.ts";

test("parseCidr cuts the bits beyond the prefix off", () => {
  expect(parseCidr("10.42.3.9/24")).toEqual({ first: parseAddress("10.42.3.0") ?? 0, prefixLength: 24 });
  expect(parseCidr("192.0.2.1")).toEqual({ first: parseAddress("192.0.2.1") ?? 0, prefixLength: 32 });
  expect(parseCidr("0.0.0.0/0")).toEqual({ first: 0, prefixLength: 0 });
});

test("parseCidr refuses what is no IPv4 range", () => {
  for (const text of [
    "",
    "10.42.0.0/33",
    "10.42.0/24",
    "fd00::/64",
    "10.42.0.256/24",
    "10.42.0.0/24/1",
    "a.b.c.d",
  ]) {
    expect([text, parseCidr(text)]).toEqual([text, undefined]);
  }
});

test("overlap holds for a range within another, not for neighbours", () => {
  const cases: ReadonlyArray<readonly [string, string, boolean]> = [
    ["10.42.0.0/24", "10.42.0.0/16", true],
    ["10.42.0.0/16", "10.42.7.0/24", true],
    ["10.42.0.0/24", "10.42.1.0/24", false],
    ["10.42.0.0/24", "0.0.0.0/0", true],
  ];
  for (const [a, b, expected] of cases) {
    const [first, second] = [parseCidr(a), parseCidr(b)];
    if (!first || !second) throw new Error("not a range");
    expect([a, b, overlap(first, second)]).toEqual([a, b, expected]);
  }
});

test("requireNetwork names what is none", () => {
  const { first, prefixLength } = requireNetwork("10.42.3.4/16");
  expect([formatAddress(first), prefixLength]).toEqual(["10.42.0.0", 16]);
  for (const text of ["", "10.42.0.0", "10.42.0.256/16", "fd00::/64", "10.42.0.0/33"]) {
    expect(() => requireNetwork(text)).toThrow(`${JSON.stringify(text)} must be an IPv4 network`);
  }
});
