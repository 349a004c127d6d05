import { afterAll, beforeAll, expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

let plane: ControlPlane;
const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const labels = { app: "guarded" };

beforeAll(async () => {
  plane = await ControlPlane.start();
});

afterAll(() => plane[Symbol.asyncDispose]());

async function ready(name: string): Promise<void> {
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  const { body } = await plane.api.call("PATCH", `${pods}/${name}/status`, {
    body: { status },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(body.status.phase).toBe("Running");
}

function statusWhere(name: string, wanted: object) {
  return waitUntil(async () => {
    const { status } = (await plane.api.call("GET", `${budgets}/${name}`)).body;
    return Bun.deepMatch(wanted, status ?? {}) && status;
  });
}

test("a budget counts the Pods that it is about, and evictions take of what it allows", async () => {
  const container = { name: "c", image: "i" };
  for (const name of ["a", "b"]) {
    const body = { metadata: { name, labels }, spec: { nodeName: "n1", containers: [container] } };
    expect((await plane.api.call("POST", pods, { body })).status).toBe(201);
    await ready(name);
  }
  const spec = { minAvailable: 1, selector: { matchLabels: labels } };
  await plane.api.call("POST", budgets, { body: { metadata: { name: "one" }, spec } });
  const status = await statusWhere("one", { disruptionsAllowed: 1, observedGeneration: 1 });
  expect(status).toMatchObject({
    ...{ currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
    conditions: [{ type: "DisruptionAllowed", status: "True", reason: "SufficientPods", message: "" }],
  });
  const evict = (name: string) =>
    plane.api.call("POST", `${pods}/${name}/eviction`, {
      body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name } },
    });
  expect((await evict("a")).status).toBe(201);
  await statusWhere("one", { disruptionsAllowed: 0, currentHealthy: 1 });
  expect((await evict("b")).status).toBe(429);
});

test("a share is of what the Pods' controller wants, and unknown controllers let nothing go", async () => {
  const template = {
    metadata: { labels: { app: "set" } },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
  const matchLabels = { app: "set" };
  const body = { metadata: { name: "set" }, spec: { replicas: 3, selector: { matchLabels }, template } };
  await plane.api.call("POST", "/apis/apps/v1/namespaces/default/replicasets", { body });
  const spec = { maxUnavailable: "50%", selector: { matchLabels } };
  await plane.api.call("POST", budgets, { body: { metadata: { name: "share" }, spec } });
  await statusWhere("share", {
    expectedPods: 3,
    desiredHealthy: 1,
    currentHealthy: 0,
    disruptionsAllowed: 0,
  });
  const controller = { apiVersion: "example.com/v1", kind: "Thing", name: "t", uid: "t", controller: true };
  await plane.api.call("POST", pods, {
    body: {
      metadata: { name: "strange", labels: matchLabels, ownerReferences: [controller] },
      spec: { containers: [{ name: "c", image: "i" }] },
    },
  });
  const failed = await waitUntil(async () => {
    const { status } = (await plane.api.call("GET", `${budgets}/share`)).body;
    return status.conditions[0].reason === "SyncFailed" && status;
  });
  expect(failed.conditions[0].message).toBe('found no controllers for pod "strange"');
  expect(failed.disruptionsAllowed).toBe(0);
});
