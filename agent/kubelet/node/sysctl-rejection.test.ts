import { expect, test } from "bun:test";
import type { V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { sysctlRejection } from "./sysctl-rejection.ts";

function refusal(
  name: string,
  allowed: readonly string[] = [],
  spec: Partial<V1PodSpec> = {},
): string | undefined {
  const securityContext = { sysctls: [{ name, value: "1" }] };
  return sysctlRejection({ spec: { containers: [], securityContext, ...spec } }, allowed)?.message;
}

test("sysctlRejection lets safe sysctls through, and others that the host allows", () => {
  expect(refusal("kernel.shm_rmid_forced")).toBeUndefined();
  expect(refusal("net/ipv4/tcp_syncookies")).toBeUndefined();
  expect(refusal("kernel.msgmax")).toBe('forbidden sysctl: "kernel.msgmax" not allowlisted');
  expect(refusal("kernel.msgmax", ["kernel.msg*"])).toBeUndefined();
  expect(refusal("net.core.somaxconn", ["net.core.somaxconn"])).toBeUndefined();
  expect(refusal("net.core.somaxconn1", ["net.core.somaxconn"])).toContain("not allowlisted");
});

test("sysctlRejection refuses what a Pod of the host's namespaces would set for the host", () => {
  expect(refusal("kernel.shm_rmid_forced", [], { hostIPC: true })).toBe(
    'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host ipc enabled',
  );
  expect(refusal("net.ipv4.tcp_syncookies", [], { hostNetwork: true })).toBe(
    'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host net enabled',
  );
});
