import { expect, test } from "bun:test";
import { parseAddress } from "../../supervisor/base/ipv4-network.ts";
import { macAddress } from "./mac-address.ts";

test("macAddress holds the address", () => {
  expect(macAddress(parseAddress("10.42.0.255") ?? 0)).toBe("0a:58:0a:2a:00:ff");
});
