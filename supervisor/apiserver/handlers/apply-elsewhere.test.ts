/** Server-side apply beyond one version of one resource: other versions, subresources, views, custom kinds. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../../test/framework/eventually.ts";
import { type Answer, TestApiServer } from "../../../test/framework/test-api-server.ts";
import type { ManagedFieldsEntry } from "../../apimachinery/object-meta.ts";

const deployments = "/apis/apps/v1/namespaces/default/deployments";
let api: TestApiServer;

beforeAll(async () => {
  api = await TestApiServer.start();
});
afterAll(() => api.close());

function apply(path: string, manager: string, body: object, query = ""): Promise<Answer> {
  const headers = { "content-type": "application/apply-patch+yaml" };
  return api.call("PATCH", `${path}?fieldManager=${manager}${query}`, { body, headers });
}

function ownedBy(answer: Answer, manager: string): ManagedFieldsEntry | undefined {
  const entries: readonly ManagedFieldsEntry[] = answer.body.metadata.managedFields ?? [];
  return entries.find((entry) => entry.manager === manager);
}

test("managers own fields in their version, and lose them by changes in another", async () => {
  const [v1, v2] = ["v1", "v2"].map(
    (version) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers/h`,
  );
  const scaleTargetRef = { kind: "Deployment", name: "x", apiVersion: "apps/v1" };
  const autoscaler = (version: string, spec: object) => ({
    apiVersion: `autoscaling/${version}`,
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "h" },
    spec: { scaleTargetRef, maxReplicas: 3, ...spec },
  });
  const target = { type: "Utilization", averageUtilization: 50 };
  const metrics = [{ type: "Resource", resource: { name: "cpu", target } }];
  const made = await apply(v2 ?? "", "two", autoscaler("v2", { metrics, minReplicas: 2 }));
  expect(Object.keys(ownedBy(made, "two")?.fieldsV1?.["f:spec"] ?? {})).toContain("f:metrics");
  const headers = { "content-type": "application/merge-patch+json" };
  const body = { spec: { targetCPUUtilizationPercentage: 70 } };
  const changed = await api.call("PATCH", `${v1}?fieldManager=one`, { body, headers });
  expect(ownedBy(changed, "one")).toMatchObject({
    apiVersion: "autoscaling/v1",
    fieldsV1: { "f:spec": { "f:targetCPUUtilizationPercentage": {} } },
  });
  expect(Object.keys(ownedBy(changed, "two")?.fieldsV1?.["f:spec"] ?? {})).not.toContain("f:metrics");
  const refused = await apply(v1 ?? "", "three", autoscaler("v1", { maxReplicas: 9 }));
  expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "two": .spec.maxReplicas');
  const moved = await apply(v1 ?? "", "two", autoscaler("v1", {}));
  expect(moved.body.spec.minReplicas).toBe(1);
  expect(ownedBy(moved, "two")?.apiVersion).toBe("autoscaling/v1");
});

function deployment(name: string, more: object) {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, ...more };
}

function spec(name: string) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
  return { replicas: 1, selector: { matchLabels: labels }, template };
}

test("the status is applied by itself, and removed item by item", async () => {
  await api.call("POST", deployments, { body: deployment("parts", { spec: spec("parts") }) });
  const path = `${deployments}/parts/status`;
  const condition = (type: string) => ({ type, status: "True" });
  const conditions = [condition("Available"), condition("Progressing")];
  const first = await apply(path, "controller", deployment("parts", { status: { conditions } }));
  expect(first.body.status.conditions.length).toBe(2);
  expect(ownedBy(first, "controller")?.subresource).toBe("status");
  const [kept] = conditions;
  const second = await apply(path, "controller", deployment("parts", { status: { conditions: [kept] } }));
  expect(second.body.status.conditions).toMatchObject([kept ?? {}]);
  const absent = await apply(`${deployments}/none/status`, "controller", deployment("none", { status: {} }));
  expect(absent.status).toBe(404);
});

test("the number of replicas has one owner, whether it is set here or by the scale", async () => {
  await api.call("POST", `${deployments}?fieldManager=maker`, {
    body: deployment("scaled", { spec: spec("scaled") }),
  });
  const scale = (replicas: number) => ({
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "scaled" },
    spec: { replicas },
  });
  const path = `${deployments}/scaled/scale`;
  expect((await apply(path, "scaler", scale(4))).body.message).toBe(
    'Apply failed with 1 conflict: conflict with "maker" using autoscaling/v1: .spec.replicas',
  );
  expect((await apply(path, "scaler", scale(4), "&force=true")).body.spec.replicas).toBe(4);
  const owned = await api.call("GET", `${deployments}/scaled`);
  expect(ownedBy(owned, "scaler")).toMatchObject({
    apiVersion: "apps/v1",
    operation: "Apply",
    subresource: "scale",
    fieldsV1: { "f:spec": { "f:replicas": {} } },
  });
  expect(JSON.stringify(ownedBy(owned, "maker"))).not.toContain("f:replicas");
  const put = await api.call("PUT", `${path}?fieldManager=other`, { body: scale(5) });
  expect(put.body.spec.replicas).toBe(5);
  const later = await api.call("GET", `${deployments}/scaled`);
  expect(ownedBy(later, "scaler")).toBeUndefined();
  expect(ownedBy(later, "other")).toMatchObject({ operation: "Update", subresource: "scale" });
});

const listMap = {
  type: "array",
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name", "kind"],
  items: {
    type: "object",
    required: ["name"],
    properties: {
      name: { type: "string" },
      kind: { type: "string", default: "plain" },
      size: { type: "integer" },
    },
  },
};
const specProperties = {
  parts: listMap,
  words: { type: "array", items: { type: "string" } },
  tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
  whole: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: { type: "string" } },
  free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};
const schema = {
  type: "object",
  properties: { spec: { type: "object", properties: specProperties }, status: { type: "object" } },
};
const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "things.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "things", kind: "Thing" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
};

test("custom kinds are applied by their schemas", async () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await api.call("POST", definitions, { body: definition });
  const path = "/apis/example.com/v1/namespaces/default/things";
  await eventually("things are served", 5000, async () => (await api.call("GET", path)).status === 200);
  const thing = (given: object) => ({
    apiVersion: "example.com/v1",
    kind: "Thing",
    metadata: { name: "a" },
    spec: given,
  });
  const parts = [
    { name: "x", size: 1 },
    { name: "y", kind: "round" },
  ];
  const free = { a: { b: 1 }, list: [{ c: 1 }] };
  const made = await apply(
    `${path}/a`,
    "one",
    thing({ parts, tags: ["t"], whole: { k: "v" }, words: ["w"], free }),
  );
  expect(made.status).toBe(201);
  expect(ownedBy(made, "one")?.fieldsV1).toEqual({
    "f:spec": {
      "f:free": { "f:a": { ".": {}, "f:b": {} }, "f:list": {} },
      "f:parts": {
        'k:{"kind":"plain","name":"x"}': { ".": {}, "f:name": {}, "f:size": {} },
        'k:{"kind":"round","name":"y"}': { ".": {}, "f:kind": {}, "f:name": {} },
      },
      "f:tags": { 'v:"t"': {} },
      "f:whole": {},
      "f:words": {},
    },
  });
  const more = await apply(
    `${path}/a`,
    "two",
    thing({ parts: [{ name: "x", kind: "plain" }, { name: "z" }] }),
  );
  expect(more.body.spec.parts.map(({ name }: { name: string }) => name)).toEqual(["x", "y", "z"]);
  const less = await apply(`${path}/a`, "one", thing({ tags: ["t"] }));
  expect(less.body.spec).toEqual({
    parts: [
      { name: "x", kind: "plain" },
      { name: "z", kind: "plain" },
    ],
    tags: ["t"],
  });
  const refused = await apply(`${path}/a`, "one", thing({ nope: 1 }));
  expect(refused.body.message).toBe(
    "failed to create typed patch object (default/a; example.com/v1, Kind=Thing): .spec.nope: field not declared in schema",
  );
  const headers = { "content-type": "application/strategic-merge-patch+json" };
  expect((await api.call("PATCH", `${path}/a`, { body: {}, headers })).status).toBe(415);
});
