import { afterAll, beforeAll, expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

let plane: ControlPlane;
const path = "/api/v1/namespaces/default";

beforeAll(async () => {
  plane = await ControlPlane.start();
});

afterAll(() => plane[Symbol.asyncDispose]());

async function statusOf(name: string) {
  return (await plane.api.call("GET", `${path}/resourcequotas/${name}`)).body.status;
}

async function make(resource: string, body: object): Promise<number> {
  return (await plane.api.call("POST", `${path}/${resource}`, { body })).status;
}

test("a quota's status says what is used, from its making to its last change", async () => {
  await make("configmaps", { metadata: { name: "before" } });
  const hard = { configmaps: "5", pods: "3", "count/leases.coordination.k8s.io": "1", "requests.cpu": "1" };
  expect(await make("resourcequotas", { metadata: { name: "q" }, spec: { hard } })).toBe(201);
  // Every namespace has the ConfigMap of the cluster's CA, too.
  await waitUntil(async () => (await statusOf("q"))?.used?.configmaps === "2");
  expect(await statusOf("q")).toEqual({ hard, used: { ...zeros(hard), configmaps: "2" } });
  await make("configmaps", { metadata: { name: "after" } });
  const resources = { requests: { cpu: "400m" } };
  const containers = [{ name: "c", image: "i", resources }];
  expect(await make("pods", { metadata: { name: "p" }, spec: { containers } })).toBe(201);
  expect((await statusOf("q")).used).toMatchObject({ configmaps: "3", pods: "1", "requests.cpu": "400m" });
  await plane.api.call("DELETE", `${path}/configmaps/before`);
  await plane.api.call("DELETE", `${path}/pods/p`);
  await waitUntil(async () => {
    const { used } = await statusOf("q");
    return used.configmaps === "2" && used.pods === "0" && used["requests.cpu"] === "0";
  });
  await plane.api.call("PATCH", `${path}/resourcequotas/q`, {
    body: { spec: { hard: { configmaps: "9", secrets: "2" } } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  await waitUntil(async () => (await statusOf("q")).used.secrets === "0");
  expect((await statusOf("q")).hard).toMatchObject({ configmaps: "9", secrets: "2", pods: "3" });
});

test("a Pod that has ended gives back what it took, and scopes choose Pods", async () => {
  const containers = [{ name: "c", image: "i" }];
  const spec = { hard: { pods: "5" }, scopes: ["BestEffort"] };
  expect(await make("resourcequotas", { metadata: { name: "effort" }, spec })).toBe(201);
  await waitUntil(async () => (await statusOf("effort"))?.used?.pods === "0");
  await plane.api.call("DELETE", `${path}/resourcequotas/q`);
  expect(await make("pods", { metadata: { name: "ends" }, spec: { containers } })).toBe(201);
  expect((await statusOf("effort")).used.pods).toBe("1");
  const ended = await plane.api.call("PATCH", `${path}/pods/ends/status`, {
    body: { status: { phase: "Succeeded" } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(ended.status).toBe(200);
  await waitUntil(async () => (await statusOf("effort")).used.pods === "0");
});

function zeros(hard: object): Record<string, string> {
  return Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));
}
