import { afterAll, beforeAll, expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { type Answer, TestApiServer } from "../../../test/framework/test-api-server.ts";
import type { ManagedFieldsEntry } from "../../apimachinery/object-meta.ts";

const applyHeaders = { "content-type": "application/apply-patch+yaml" };
const configMaps = "/api/v1/namespaces/default/configmaps";
const deployments = "/apis/apps/v1/namespaces/default/deployments";

let api: TestApiServer;
const clock = new FakeClock();

beforeAll(async () => {
  api = await TestApiServer.start({}, clock);
});
afterAll(() => api.close());

function apply(path: string, manager: string, body: unknown, query = ""): Promise<Answer> {
  return api.call("PATCH", `${path}?fieldManager=${manager}${query}`, { body, headers: applyHeaders });
}

function configMap(name: string, data: Readonly<Record<string, string>>) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

function deployment(name: string, spec: object = {}) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } };
  const full = { replicas: 1, selector: { matchLabels: labels }, template, ...spec };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: full };
}

function ownedBy(answer: Answer, manager: string): ManagedFieldsEntry | undefined {
  const entries: readonly ManagedFieldsEntry[] = answer.body.metadata.managedFields ?? [];
  return entries.find((entry) => entry.manager === manager);
}

function managers(answer: Answer): ReadonlyArray<readonly [string, string]> {
  const entries: readonly ManagedFieldsEntry[] = answer.body.metadata.managedFields ?? [];
  return entries.map(({ manager = "", operation = "" }) => [manager, operation]);
}

test("apply creates what is not there, in YAML and in JSON, and changes it", async () => {
  const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: '1'\n";
  const created = await apply(`${configMaps}/yaml`, "one", yaml);
  expect(created.status).toBe(201);
  expect(created.body.data).toEqual({ a: "1" });
  expect(created.body.metadata.managedFields).toMatchObject([
    { manager: "one", operation: "Apply", apiVersion: "v1", fieldsV1: { "f:data": { "f:a": {} } } },
  ]);
  const changed = await apply(`${configMaps}/yaml`, "one", configMap("yaml", { b: "2" }));
  expect(changed.status).toBe(200);
  expect(changed.body.data).toEqual({ b: "2" });
});

test("apply asks for what it needs", async () => {
  const path = `${configMaps}/needs`;
  const given = configMap("needs", {});
  const cases: ReadonlyArray<readonly [string, unknown, number, string]> = [
    [
      "",
      given,
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      "?fieldManager=a",
      "[]",
      400,
      "error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ],
    ["?fieldManager=a", { ...given, kind: "Secret" }, 400, "invalid object type: v1, Kind=Secret"],
    [
      "?fieldManager=a",
      { ...given, metadata: { name: "other" } },
      400,
      "the name of the object (other) does not match the name on the URL (needs)",
    ],
    [
      "?fieldManager=a",
      { ...given, metadata: { name: "needs", uid: "u" } },
      409,
      'Operation cannot be fulfilled on configmaps "needs": uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
    [
      "?fieldManager=a",
      { ...given, metadata: { name: "needs", managedFields: [] } },
      400,
      "metadata.managedFields must be nil",
    ],
    [
      "?fieldManager=a",
      { ...given, extra: 1 },
      500,
      "failed to create typed patch object (default/needs; v1, Kind=ConfigMap): .extra: field not declared in schema",
    ],
  ];
  for (const [query, body, status, message] of cases) {
    const answer = await api.call("PATCH", path + query, { body, headers: applyHeaders });
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  }
  const cbor = { "content-type": "application/apply-patch+cbor" };
  expect((await api.call("PATCH", path, { body: given, headers: cbor })).status).toBe(415);
  const force = await api.call("PATCH", `${path}?force=true`, {
    body: {},
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(force.body.message).toBe(
    'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
  );
});

test("fields given twice are told of, or refused", async () => {
  const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\ndata:\n  a: '1'\n  a: '2'\n";
  const complaint =
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map';
  const strict = await apply(`${configMaps}/twice`, "one", yaml, "&fieldValidation=Strict");
  expect([strict.status, strict.body.message]).toEqual([400, `error strict decoding patch: ${complaint}`]);
  const warned = await apply(`${configMaps}/twice`, "one", yaml);
  expect(warned.status).toBe(201);
  expect(warned.headers.get("warning")).toContain("already set in map");
});

test("a conflict names owner and field, and force settles it", async () => {
  const path = `${deployments}/web`;
  await api.call("POST", `${deployments}?fieldManager=kubectl-client-side-apply`, {
    body: deployment("web"),
  });
  const refused = await apply(path, "me", deployment("web", { replicas: 3 }));
  expect(refused.status).toBe(409);
  expect(refused.body.reason).toBe("Conflict");
  expect(refused.body.message).toBe(
    'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
  );
  expect(refused.body.details.causes).toEqual([
    {
      reason: "FieldManagerConflict",
      message: 'conflict with "kubectl-client-side-apply" using apps/v1',
      field: ".spec.replicas",
    },
  ]);
  const dry = await apply(path, "me", deployment("web", { replicas: 3 }), "&force=true&dryRun=All");
  expect(dry.body.spec.replicas).toBe(3);
  expect((await api.call("GET", path)).body.spec.replicas).toBe(1);
  const forced = await apply(path, "me", deployment("web", { replicas: 3 }), "&force=true");
  expect(forced.body.metadata.generation).toBe(2);
  const again = await apply(path, "me", deployment("web", { replicas: 3 }));
  expect(again.body.metadata.resourceVersion).toBe(forced.body.metadata.resourceVersion);
  expect(managers(again)).toEqual([
    ["me", "Apply"],
    ["kubectl-client-side-apply", "Update"],
  ]);
});

test("the manager of other writes is the option, or the agent's first part", async () => {
  const headers = { "user-agent": "my-tool/1.2 (linux)" };
  const created = await api.call("POST", configMaps, { body: configMap("agent", { a: "1" }), headers });
  expect(managers(created)).toEqual([["my-tool", "Update"]]);
  const merge = { "content-type": "application/merge-patch+json" };
  const patched = await api.call("PATCH", `${configMaps}/agent?fieldManager=patcher`, {
    body: { data: { a: "2", b: "1" } },
    headers: merge,
  });
  expect(ownedBy(patched, "my-tool")?.fieldsV1).toEqual({ "f:data": {} });
  expect(ownedBy(patched, "patcher")?.fieldsV1).toEqual({ "f:data": { "f:a": {}, "f:b": {} } });
  const reset = await api.call("PATCH", `${configMaps}/agent`, {
    body: { metadata: { managedFields: [{}] } },
    headers: merge,
  });
  expect(reset.body.metadata.managedFields).toBeUndefined();
});

test("a write that changes nothing stores nothing, whenever it comes", async () => {
  const created = await api.call("POST", configMaps, { body: configMap("still", { a: "1" }) });
  await clock.advance(60_000);
  const put = await api.call("PUT", `${configMaps}/still?fieldManager=other`, {
    body: configMap("still", { a: "1" }),
  });
  expect(put.body.metadata).toEqual(created.body.metadata);
  const changed = await api.call("PUT", `${configMaps}/still`, { body: configMap("still", { a: "2" }) });
  expect(changed.body.metadata.managedFields[0].time).not.toBe(created.body.metadata.managedFields[0].time);
});

test("status and spec have owners of their own", async () => {
  const pods = "/api/v1/namespaces/default/pods";
  const spec = { containers: [{ name: "a", image: "b" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec };
  const created = await api.call("POST", `${pods}?fieldManager=maker`, { body: pod });
  const conditions = [{ type: "Ready", status: "True" }];
  const body = { ...created.body, spec: { containers: [] }, status: { phase: "Running", conditions } };
  const updated = await api.call("PUT", `${pods}/p/status?fieldManager=kubelet`, { body });
  expect(ownedBy(updated, "kubelet")).toMatchObject({
    manager: "kubelet",
    subresource: "status",
    fieldsV1: {
      "f:status": {
        "f:conditions": { ".": {}, 'k:{"type":"Ready"}': { ".": {}, "f:status": {}, "f:type": {} } },
        "f:phase": {},
      },
    },
  });
  expect(ownedBy(updated, "maker")).toEqual(ownedBy(created, "maker"));
});

test("a new object has no resourceVersion of its own", async () => {
  const body = { ...configMap("fresh", {}), metadata: { name: "fresh", resourceVersion: "7" } };
  const refused = await api.call("POST", configMaps, { body });
  expect([refused.status, refused.body.message]).toEqual([
    400,
    "resourceVersion should not be set on objects to be created",
  ]);
  expect((await api.call("POST", `${configMaps}?dryRun=All`, { body })).status).toBe(201);
});
