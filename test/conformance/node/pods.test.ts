/** What the API makes of a Pod before any node has it: its class of service, its sysctls and its RuntimeClass. */
import { expect } from "bun:test";
import type { V1Pod, V1PodSpec, V1RuntimeClass } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { expectDiscovered } from "../support/discovery.ts";
import { checkOperations } from "../support/operations.ts";

const cluster = useCluster();
const container = { name: "main", image: "busybox" };

function podsOf(namespace: string): Collection<V1Pod> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/pods`);
}

function runtimeClasses(): Collection<V1RuntimeClass> {
  return new Collection(cluster.api, "/apis/node.k8s.io/v1/runtimeclasses");
}

function pod(name: string, spec: Partial<V1PodSpec>): V1Pod {
  return { metadata: { name }, spec: { containers: [container], ...spec } };
}

/** A Pod that asks for this RuntimeClass is not made. */
async function expectRefused(runtimeClassName: string): Promise<void> {
  const pods = podsOf(await cluster.namespace("runtime"));
  await expect(pods.create(pod("refused", { runtimeClassName }))).rejects.toMatchObject({
    code: 403,
    reason: "Forbidden",
    message: `pods "refused" is forbidden: pod rejected: RuntimeClass "${runtimeClassName}" not found`,
  });
  expect(await pods.items()).toEqual([]);
}

conformanceTest(
  "[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]",
  async () => {
    const pods = podsOf(await cluster.namespace("qos"));
    const amounts = { cpu: "100m", memory: "100Mi" };
    const resources = { requests: amounts, limits: amounts };
    const create = (name: string, given: object): Promise<V1Pod> =>
      pods.create(pod(name, { containers: [{ ...container, resources: given }] }));
    await create("guaranteed", resources);
    expect((await pods.get("guaranteed")).status?.qosClass).toBe("Guaranteed");
    await create("burstable", { requests: amounts });
    expect((await pods.get("burstable")).status?.qosClass).toBe("Burstable");
    await create("none", {});
    expect((await pods.get("none")).status?.qosClass).toBe("BestEffort");
  },
);

conformanceTest(
  "[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [Conformance]",
  async () => {
    const pods = podsOf(await cluster.namespace("sysctls"));
    const sysctls = ["foo-", "kernel.shmmax", "safe-and-unsafe", "bar.."].map((name) => ({
      name,
      value: "100000000",
    }));
    const refused = await cluster.api.call("POST", pods.at("").slice(0, -1), {
      body: pod("sysctls", { securityContext: { sysctls }, restartPolicy: "Never" }),
    });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain('Invalid value: "foo-"');
    expect(refused.body.message).toContain('Invalid value: "bar.."');
    expect(refused.body.message).not.toContain("safe-and-unsafe");
    expect(refused.body.message).not.toContain("kernel.shmmax");
  },
);

conformanceTest(
  "[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]",
  () => expectRefused("nonexistent"),
);

conformanceTest(
  "[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [NodeConformance] [Conformance]",
  async () => {
    const classes = runtimeClasses();
    await classes.create({ metadata: { name: "short-lived" }, handler: "runc" });
    const pods = podsOf(await cluster.namespace("runtime"));
    await pods.create(pod("early", { runtimeClassName: "short-lived" }));
    await classes.delete("short-lived");
    await classes.gone("short-lived");
    await expectRefused("short-lived");
  },
);

conformanceTest(
  "[sig-node] RuntimeClass should support RuntimeClasses API operations [Conformance]",
  async () => {
    await expectDiscovered(cluster.api, {
      group: "node.k8s.io",
      version: "v1",
      resources: ["runtimeclasses"],
    });
    await checkOperations({
      objects: runtimeClasses(),
      label: "operations",
      make: (number) => ({ metadata: { name: `class-${number}` }, handler: `handler-${number}` }),
    });
  },
);
