import { expect, test } from "bun:test";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

test("a Lease may have nobody as its holder, and coordinated election is off", async () => {
  const server = await TestApiServer.start();
  try {
    const spec = { holderIdentity: "", leaseDurationSeconds: 1, strategy: "OldestEmulationVersion" };
    const made = await server.call("POST", path, {
      body: { metadata: { name: "released" }, spec: { ...spec, preferredHolder: "a" } },
    });
    expect(made.body).toMatchObject({ spec: { holderIdentity: "", leaseDurationSeconds: 1 } });
    expect(Object.keys(made.body.spec)).not.toContain("strategy");
    const wrong = { metadata: { name: "wrong" }, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } };
    expect((await server.call("POST", path, { body: wrong })).body.message).toBe(
      'Lease.coordination.k8s.io "wrong" is invalid: [spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0, spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0]',
    );
  } finally {
    await server.close();
  }
});
