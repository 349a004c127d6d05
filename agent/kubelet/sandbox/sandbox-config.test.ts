import { expect, test } from "bun:test";
import type { V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import { podLogDirectory, sandboxConfig } from "./sandbox-config.ts";

function config(spec: Partial<V1PodSpec>) {
  return sandboxConfig({
    pod: { metadata: { name: "front.shop", namespace: "ns", uid: "u" }, spec: { containers: [], ...spec } },
    attempt: 1,
    logDirectory: "/logs",
    dns: { servers: ["192.0.2.53"], searches: [], options: [] },
    nodeName: "box",
    nodeHosts: "127.0.0.1 localhost\n",
    nodeSize: { cpuCount: 2, memoryBytes: 1 },
    allocatableBytes: 1 << 30,
  });
}

test("sandboxConfig carries what the Pod says of its machine", () => {
  const made = config({
    hostAliases: [{ ip: "192.0.2.9", hostnames: ["db"] }],
    securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "100" }] },
  });
  expect(made.metadata).toEqual({ namespace: "ns", name: "front.shop", uid: "u", attempt: 1 });
  expect(made.hostname).toBe("front.shop");
  expect(made.hostAliases).toEqual([{ ip: "192.0.2.9", hostnames: ["db"] }]);
  expect(made.sysctls).toEqual({ "net.core.somaxconn": "100" });
  expect(made.dns.servers).toEqual(["192.0.2.53"]);
});

test("sandboxConfig cuts host names to what Linux takes", () => {
  expect(config({ hostname: `${"a".repeat(62)}-b` }).hostname).toBe("a".repeat(62));
});

test("podLogDirectory is the kubelet's, below the data folder", () => {
  expect(podLogDirectory("/data/logs", { namespace: "ns", name: "p", uid: "u" })).toBe(
    "/data/logs/pods/ns_p_u",
  );
});
