import { expect, test } from "bun:test";
import { advertisedAddress, formatHostPort, parseListenAddress } from "./listen-address.ts";

test("parseListenAddress reads a host and a port", () => {
  expect(parseListenAddress("0.0.0.0:6443")).toEqual({ host: "0.0.0.0", port: 6443 });
  expect(parseListenAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(parseListenAddress(":8443")).toEqual({ host: "0.0.0.0", port: 8443 });
  for (const text of ["6443", "a:b", "a:70000", "::1:6443", ""]) {
    expect(() => parseListenAddress(text)).toThrow("expected HOST:PORT");
  }
});

test("advertisedAddress keeps an address that was chosen", () => {
  expect(advertisedAddress("192.0.2.7")).toBe("192.0.2.7");
  expect(advertisedAddress("0.0.0.0")).not.toBe("0.0.0.0");
});

test("formatHostPort puts brackets around IPv6", () => {
  expect([formatHostPort("::1", 1), formatHostPort("a", 2)]).toEqual(["[::1]:1", "a:2"]);
});
