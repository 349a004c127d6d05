import { expect, test } from "bun:test";
import { CidrAllocator } from "./cidr-allocator.ts";

test("CidrAllocator hands out the lowest free subnet, each once, until none is left", () => {
  const allocator = new CidrAllocator("10.42.0.0/22", 24);
  expect(allocator.occupy("10.42.1.0/24")).toBe(true);
  expect([1, 2, 3, 4].map(() => allocator.allocate())).toEqual([
    "10.42.0.0/24",
    "10.42.2.0/24",
    "10.42.3.0/24",
    undefined,
  ]);
  allocator.release("10.42.2.0/24");
  expect(allocator.allocate()).toBe("10.42.2.0/24");
});

test("CidrAllocator refuses a subnet that is taken, outside, or of another size", () => {
  const allocator = new CidrAllocator("10.42.0.0/16", 24);
  expect(allocator.occupy("10.42.255.0/24")).toBe(true);
  expect(allocator.occupy("10.42.255.0/24")).toBe(false);
  expect(allocator.occupy("10.43.0.0/24")).toBe(false);
  expect(allocator.occupy("10.42.0.0/25")).toBe(false);
});

test("CidrAllocator reaches the end of the address space", () => {
  const allocator = new CidrAllocator("255.255.255.0/24", 24);
  expect(allocator.allocate()).toBe("255.255.255.0/24");
});

test("CidrAllocator names a network that is none or too small", () => {
  for (const text of ["10.42.0.0", "10.42.0.256/16", "fd00::/64", "10.42.0.0/33"]) {
    expect(() => new CidrAllocator(text, 24)).toThrow("must be an IPv4 network");
  }
  expect(() => new CidrAllocator("10.42.0.0/25", 24)).toThrow("smaller than a node's /24");
});
