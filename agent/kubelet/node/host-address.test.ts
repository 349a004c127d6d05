import { expect, test } from "bun:test";
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { hostAddress } from "./host-address.ts";

test("hostAddress is one of this box, and loopback only where it has no other", async () => {
  const address = await hostAddress("https://127.0.0.1:6443");
  expect(isIPv4(address)).toBe(true);
  const all = Object.values(networkInterfaces()).flat();
  const own = all.filter((known) => known?.family === "IPv4");
  expect(own.map((known) => known?.address)).toContain(address);
});
