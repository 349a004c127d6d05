import { describe, expect, test } from "bun:test";
import { addressBytes } from "./sandbox-request.ts";

describe("addressBytes", () => {
  test.each([
    ["10.42.0.255", "0a2a00ff"],
    ["::", "00".repeat(16)],
    ["::1", `${"00".repeat(15)}01`],
    ["fd00:42::a:1", "fd0000420000000000000000000a0001"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ])("%p", (address, hex) => {
    expect(addressBytes(address).toString("hex")).toBe(hex);
  });

  test.each(["", "10.42.0", "10.42.0.0/24", "web", "::ffff:1.2.3.4"])("%p is refused", (address) => {
    expect(() => addressBytes(address)).toThrow("is not an IP address");
  });
});
