/** Nodes and Leases, as objects. */
import { expect } from "bun:test";
import type { V1Lease, V1LeaseSpec, V1Node } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { checkLifecycle } from "../support/operations.ts";

const cluster = useCluster();

conformanceTest(
  "[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]",
  async () => {
    let count = 0;
    const nodes = new Collection<V1Node>(cluster.api, "/api/v1/nodes");
    const conditions = [{ type: "Ready", status: "True", reason: "Test", message: "Set by a test" }];
    await checkLifecycle(nodes, () => {
      count += 1;
      // Nobody runs it, and nothing shall be put on it.
      return {
        metadata: { name: `fake-node-${count}` },
        spec: { unschedulable: true },
        status: { phase: "Running", conditions },
      };
    });
    expect(await nodes.items()).toEqual([]);
  },
);

conformanceTest("[sig-node] Lease lease API should be available [Conformance]", async () => {
  const leases = new Collection<V1Lease>(
    cluster.api,
    `/apis/coordination.k8s.io/v1/namespaces/${await cluster.namespace("leases")}/leases`,
  );
  // A client in Go that counts from its zero time sends such years.
  const term = (holderIdentity: string, seconds: number): V1LeaseSpec => ({
    holderIdentity,
    leaseDurationSeconds: 30,
    acquireTime: `0001-01-01T00:00:${seconds}.000000Z`,
    renewTime: `0001-01-01T00:01:${seconds}.000000Z`,
    leaseTransitions: seconds,
  });
  await leases.create({ metadata: { name: "lease" }, spec: term("one", 10) });
  expect((await leases.get("lease")).spec).toEqual(term("one", 10));
  await leases.update("lease", (lease) => ({ ...lease, spec: term("two", 20) }));
  expect((await leases.get("lease")).spec).toEqual(term("two", 20));
  const patch = { spec: { ...term("three", 30), leaseDurationSeconds: 60 } };
  await leases.patch("lease", patch, { kind: "strategic-merge-patch" });
  expect((await leases.get("lease")).spec).toEqual(patch.spec);

  await leases.create({ metadata: { name: "lease2", labels: { go: "true" } }, spec: term("four", 40) });
  expect((await leases.items()).map(nameOf)).toEqual(["lease", "lease2"]);
  await leases.deleteAll({ labelSelector: "go=true" });
  expect((await leases.items()).map(nameOf)).toEqual(["lease"]);
  await leases.delete("lease");
  expect(await leases.statusOf("lease")).toBe(404);
  const everywhere = new Collection<V1Lease>(cluster.api, "/apis/coordination.k8s.io/v1/leases");
  expect((await everywhere.items()).filter(({ spec }) => spec?.holderIdentity === "three")).toEqual([]);
});
