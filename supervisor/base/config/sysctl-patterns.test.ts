import { expect, test } from "bun:test";
import { parseSysctlPatterns } from "./sysctl-patterns.ts";

test("parseSysctlPatterns takes those of the kernel's namespaces", () => {
  expect(parseSysctlPatterns("")).toEqual([]);
  expect(parseSysctlPatterns("kernel.msg*,net.core.somaxconn")).toEqual([
    "kernel.msg*",
    "net.core.somaxconn",
  ]);
  expect(() => parseSysctlPatterns("vm.swappiness")).toThrow("vm.swappiness is not of kernel.sem");
  expect(() => parseSysctlPatterns("net.*.x")).toThrow("net.*.x is not of");
});
