import { expect, test } from "bun:test";
import { networkNames } from "./network-names.ts";

test("networkNames fit the kernel and differ between data folders", () => {
  const [first, second] = [networkNames("/var/lib/pacific/host"), networkNames("/tmp/other")];
  expect([first.bridge, first.table]).toEqual(["pacific0", "pacific-0"]);
  for (const names of [first, second]) {
    expect(names.tap("u_0")).toHaveLength(15);
    expect(names.bridge.length).toBeLessThanOrEqual(15);
    expect(names.tap("u_0")).toStartWith(names.tapPrefix);
  }
  expect(second.bridge).not.toBe(first.bridge);
  expect(second.tap("u_0")).not.toBe(first.tap("u_0"));
  expect(first.tap("u_0")).toBe(networkNames("/var/lib/pacific/host").tap("u_0"));
});
