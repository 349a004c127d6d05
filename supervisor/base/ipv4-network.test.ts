import { expect, test } from "bun:test";
import { formatAddress, overlap, parseCidr } from "./ipv4-network.ts";

test("parseCidr gives a network's first address, and names what is none", () => {
  const { address, prefix } = parseCidr("10.42.3.4/16");
  expect([formatAddress(address), prefix]).toEqual(["10.42.0.0", 16]);
  for (const text of ["", "10.42.0.0", "10.42.0.256/16", "fd00::/64", "10.42.0.0/33"]) {
    expect(() => parseCidr(text)).toThrow(`${JSON.stringify(text)} must be an IPv4 network`);
  }
});

test("overlap tells networks with a common address", () => {
  expect(overlap("10.42.0.0/16", "10.43.0.0/16")).toBe(false);
  expect(overlap("10.42.0.0/16", "10.42.240.0/20")).toBe(true);
  expect(overlap("10.42.240.0/20", "0.0.0.0/0")).toBe(true);
  expect(overlap("192.168.255.0/24", "192.168.254.0/24")).toBe(false);
});
