import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../../test/framework/eventually.ts";
import { type Answer, TestApiServer } from "../../../test/framework/test-api-server.ts";

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const group = "stable.example.com";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

interface Version {
  readonly name: string;
  readonly [field: string]: unknown;
}

const specSchema = {
  type: "object",
  required: ["cronSpec"],
  properties: {
    cronSpec: { type: "string", pattern: "^a+$" },
    replicas: { type: "integer", default: 3, maximum: 5 },
    image: { type: "string", enum: ["a", "b"] },
    port: { "x-kubernetes-int-or-string": true },
    template: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      "x-kubernetes-preserve-unknown-fields": true,
    },
    hosts: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
  },
};
const schema = {
  type: "object",
  properties: {
    spec: specSchema,
    status: { type: "object", properties: { ready: { type: "integer" }, selector: { type: "string" } } },
  },
};
const v1: Version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } };

function definition(plural: string, kind: string, versions: readonly Version[] = [v1], names: object = {}) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope: "Namespaced", names: { plural, kind, ...names }, versions },
  };
}

function conditionOf({ body }: Answer, type: string): { status: string; reason: string } | undefined {
  return body.status?.conditions?.find((condition: { type: string }) => condition.type === type);
}

async function establish(plural: string, kind: string, versions?: readonly Version[]): Promise<void> {
  const created = await server.call("POST", definitions, { body: definition(plural, kind, versions) });
  expect(created.status).toBe(201);
  await eventually(`${plural} is established`, 5000, async () => {
    const answer = await server.call("GET", `${definitions}/${plural}.${group}`);
    return conditionOf(answer, "Established")?.status === "True";
  });
}

function objectsOf(plural: string, version = "v1"): string {
  return `/apis/${group}/${version}/namespaces/default/${plural}`;
}

function object(kind: string, name: string, fields: object, version = "v1"): object {
  return { apiVersion: `${group}/${version}`, kind, metadata: { name }, ...fields };
}

const merge = { "content-type": "application/merge-patch+json" };

test("a definition is served as soon as it is established, and its objects go before it does", async () => {
  await establish("crontabs", "CronTab");
  const path = objectsOf("crontabs");
  const { body: list } = await server.call("GET", `/apis/${group}/v1`);
  expect(list.resources[0]).toMatchObject({ name: "crontabs", kind: "CronTab", singularName: "crontab" });
  const body = object("CronTab", "one", { spec: { cronSpec: "a" } });
  expect((await server.call("POST", path, { body })).status).toBe(201);
  expect((await server.call("GET", path)).body).toMatchObject({ kind: "CronTabList", items: [{}] });
  const watch = await server.fetch("GET", `${path}?watch=true`);
  const gone = await server.call("DELETE", `${definitions}/crontabs.${group}`);
  expect(gone.body.metadata.finalizers).toEqual(["customresourcecleanup.apiextensions.k8s.io"]);
  expect(conditionOf(gone, "Terminating")?.reason).toBe("InstanceDeletionPending");
  // The watch of what is gone ends by itself, after it has told of the deletion.
  expect(await watch.text()).toContain('"type":"DELETED"');
  expect((await server.call("GET", path)).status).toBe(404);
  expect((await server.call("GET", `/apis/${group}`)).status).toBe(404);
});

test("objects are decoded, defaulted, pruned and validated by their schema, in upstream's words", async () => {
  await establish("jobs", "Job");
  const path = objectsOf("jobs");
  const wrong = object("Job", "x", {
    spec: {
      cronSpec: "b",
      replicas: "x",
      image: "c",
      port: true,
      hosts: ["h", "h"],
      template: { kind: "", apiVersion: "v1", metadata: { name: "-/" } },
    },
  });
  const { status, body } = await server.call("POST", path, { body: wrong });
  expect(status).toBe(422);
  expect(
    body.details.causes.map((cause: Record<string, string>) => `${cause.field}: ${cause.message}`),
  ).toEqual([
    "spec.cronSpec: Invalid value: \"b\": spec.cronSpec in body should match '^a+$'",
    'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    'spec.image: Unsupported value: "c": supported values: "a", "b"',
    'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    'spec.template.kind: Invalid value: "": must not be empty',
    "spec.template.metadata.name: Invalid value: \"-/\": may not contain '/'",
    'spec.hosts[1]: Duplicate value: "h"',
  ]);
  const unknown = object("Job", "one", { spec: { cronSpec: "a", more: 1 }, extra: true });
  const strict = await server.call("POST", `${path}?fieldValidation=Strict`, { body: unknown });
  expect(strict.body.message).toContain(
    'strict decoding error: unknown field "extra", unknown field "spec.more"',
  );
  const made = await server.call("POST", path, { body: unknown });
  expect(made.headers.get("warning")).toContain("spec.more");
  expect(made.body.spec).toEqual({ cronSpec: "a", replicas: 3 });
  const none = await server.call("POST", path, { body: object("Job", "two", { spec: {} }) });
  expect(none.body.message).toBe(`Job.${group} "two" is invalid: spec.cronSpec: Required value`);
  const kind = await server.call("POST", path, { body: object("Jab", "two", { spec: { cronSpec: "a" } }) });
  expect(kind.body.message).toContain('kind: Invalid value: "Jab": must be Job');
});

test("a tightened schema does not hold unchanged values against an update", async () => {
  await establish("tasks", "Task");
  const path = objectsOf("tasks");
  await server.call("POST", path, { body: object("Task", "one", { spec: { cronSpec: "aaaa" } }) });
  const tighter = structuredClone(schema);
  tighter.properties.spec.properties.cronSpec.pattern = "^a{1,2}$";
  const versions = [{ ...v1, schema: { openAPIV3Schema: tighter } }];
  const body = { spec: { versions } };
  expect((await server.call("PATCH", `${definitions}/tasks.${group}`, { body, headers: merge })).status).toBe(
    200,
  );
  const patch = (spec: object) => server.call("PATCH", `${path}/one`, { body: { spec }, headers: merge });
  expect((await patch({ replicas: 2 })).status).toBe(200);
  expect((await patch({ cronSpec: "aaa" })).body.message).toContain("should match '^a{1,2}$'");
});

test("status and scale are subresources, columns and selectable fields are the definition's", async () => {
  const scale = {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.ready",
    labelSelectorPath: ".status.selector",
  };
  const version: Version = {
    ...v1,
    subresources: { status: {}, scale },
    selectableFields: [{ jsonPath: ".spec.image" }, { jsonPath: ".spec.replicas" }],
    additionalPrinterColumns: [
      { name: "Replicas", type: "integer", jsonPath: ".spec.replicas" },
      { name: "Image", type: "string", jsonPath: ".spec.image", priority: 1 },
    ],
  };
  await establish("shops", "Shop", [version]);
  const path = objectsOf("shops");
  for (const [name, image] of [
    ["one", "a"],
    ["two", "b"],
  ] as const) {
    const fields = { spec: { cronSpec: "a", image }, status: { ready: 1 } };
    const made = await server.call("POST", path, { body: object("Shop", name, fields) });
    expect(made.body).not.toHaveProperty("status");
  }
  const status = { status: { ready: 7, selector: "a=b" }, spec: { replicas: 1 } };
  const updated = await server.call("PATCH", `${path}/one/status`, { body: status, headers: merge });
  expect(updated.body).toMatchObject({
    metadata: { generation: 1 },
    spec: { replicas: 3 },
    status: { ready: 7 },
  });
  const scaled = await server.call("PATCH", `${path}/one/scale`, {
    body: { spec: { replicas: 5 } },
    headers: merge,
  });
  expect(scaled.body).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 7, selector: "a=b" } });
  const read = await server.call("GET", `${path}/one`);
  expect(read.body).toMatchObject({
    metadata: { generation: 2 },
    spec: { replicas: 5 },
    status: { ready: 7 },
  });
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const { body: table } = await server.call("GET", `${path}?fieldSelector=spec.image%3Da`, {
    headers: { accept },
  });
  expect(table.columnDefinitions.map((column: { name: string }) => column.name)).toEqual([
    "Name",
    "Replicas",
    "Image",
  ]);
  expect(table.rows.map((row: { cells: unknown }) => row.cells)).toEqual([["one", 5, "a"]]);
  const three = await server.call("GET", `${path}?fieldSelector=spec.replicas%3D3`);
  expect(three.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(["two"]);
  const unknown = await server.call("GET", `${path}?fieldSelector=spec.cronSpec%3Da`);
  expect(unknown.body.message).toContain("field label not supported: spec.cronSpec");
  const strategic = { "content-type": "application/strategic-merge-patch+json" };
  expect((await server.call("PATCH", `${path}/one`, { body: {}, headers: strategic })).status).toBe(415);
});

test("versions are one object each in its own form, the best version is preferred, and storedVersions grow", async () => {
  const old: Version = {
    name: "v1beta1",
    served: true,
    storage: true,
    deprecated: true,
    schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  };
  await establish("parts", "Part", [old, { ...v1, storage: false }]);
  const { body: found } = await server.call("GET", `/apis/${group}`);
  expect(found.versions.map(({ version }: { version: string }) => version)).toEqual(["v1", "v1beta1"]);
  expect(found.preferredVersion.version).toBe("v1");
  const body = object("Part", "one", { spec: { cronSpec: "a", more: 1 } }, "v1beta1");
  const made = await server.call("POST", objectsOf("parts", "v1beta1"), { body });
  expect(made.headers.get("warning")).toContain(`${group}/v1beta1 Part is deprecated; use ${group}/v1 Part`);
  expect(made.body.spec).toEqual({ cronSpec: "a", more: 1 });
  const read = await server.call("GET", `${objectsOf("parts")}/one`);
  expect(read.body).toMatchObject({ apiVersion: `${group}/v1`, spec: { cronSpec: "a", replicas: 3 } });
  expect(read.body.spec).not.toHaveProperty("more");
  const versions = [{ ...old, storage: false }, v1];
  const crd = await server.call("PATCH", `${definitions}/parts.${group}`, {
    body: { spec: { versions } },
    headers: merge,
  });
  expect(crd.body.status.storedVersions).toEqual(["v1beta1", "v1"]);
  // A write that changes nothing brings the object to the new storage version.
  await server.call("PUT", `${objectsOf("parts")}/one`, { body: read.body });
  const stored = await server.backend.get(`/registry/${group}/parts/default/one`);
  expect(stored?.value).toContain(`"apiVersion":"${group}/v1"`);
});

test("a name that is taken is not given twice, until it is free", async () => {
  await establish("firsts", "First");
  const second = definition("seconds", "Second", [v1], { shortNames: ["firsts"] });
  await server.call("POST", definitions, { body: second });
  const path = `${definitions}/seconds.${group}`;
  await eventually("the conflict is told", 5000, async () => {
    return conditionOf(await server.call("GET", path), "NamesAccepted")?.reason === "ShortNamesConflict";
  });
  expect((await server.call("GET", objectsOf("seconds"))).status).toBe(404);
  await server.call("DELETE", `${definitions}/firsts.${group}`);
  await eventually("the name is given", 5000, async () => {
    return conditionOf(await server.call("GET", path), "Established")?.status === "True";
  });
});

test("a definition whose finalizer was taken away can be made again, and finds its objects", async () => {
  await establish("stuck", "Stuck");
  const made = object("Stuck", "one", { spec: { cronSpec: "a" } });
  const metadata = { name: "one", finalizers: ["example.com/never"] };
  await server.call("POST", objectsOf("stuck"), { body: { ...made, metadata } });
  const path = `${definitions}/stuck.${group}`;
  await server.call("DELETE", path);
  await eventually("its objects are waited for", 5000, async () => {
    const answer = await server.call("GET", path);
    return conditionOf(answer, "Terminating")?.reason === "InstanceDeletionInProgress";
  });
  const refused = await server.call("POST", objectsOf("stuck"), { body: object("Stuck", "two", {}) });
  expect(refused.body.message).toContain(
    "create not allowed while custom resource definition is terminating",
  );
  const body = { metadata: { finalizers: [] } };
  await server.call("PATCH", path, { body, headers: merge });
  await establish("stuck", "Stuck");
  expect((await server.call("GET", `${objectsOf("stuck")}/one`)).status).toBe(200);
});

test("after a restart the same is served", async () => {
  await establish("keeps", "Keep");
  const again = await TestApiServer.start({ backend: server.backend });
  try {
    expect((await again.call("GET", objectsOf("keeps"))).body).toMatchObject({ kind: "KeepList", items: [] });
  } finally {
    again.server.stop();
  }
});

test("managers own fields in their own versions; those of a version that is gone own nothing", async () => {
  const list = (type: string) => ({
    type: "array",
    items: { type: "string" },
    "x-kubernetes-list-type": type,
  });
  const versionOf = (name: string, type: string, storage = false): Version => {
    const spec = { type: "object", properties: { tags: list(type), size: { type: "integer" } } };
    return { ...v1, name, storage, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } };
  };
  const versions = [versionOf("v1", "atomic", true), versionOf("v2", "set")];
  await establish("bags", "Bag", versions);
  const headers = { "content-type": "application/apply-patch+yaml" };
  const apply = (version: string, manager: string, spec: object) => {
    const body = object("Bag", "one", { spec }, version);
    return server.call("PATCH", `${objectsOf("bags", version)}/one?fieldManager=${manager}`, {
      body,
      headers,
    });
  };
  const managersOf = ({ body }: Answer) =>
    body.metadata.managedFields.map(
      (entry: Record<string, string>) => `${entry.manager} ${entry.apiVersion}`,
    );
  expect((await apply("v2", "set", { tags: ["a"] })).status).toBe(201);
  // In v1 the list is one value; in v2, in which its owner owns an item, that is left alone.
  const body = { spec: { tags: ["a", "b"] } };
  const url = `${objectsOf("bags")}/one`;
  const more = await server.call("PATCH", `${url}?fieldManager=editor`, { body, headers: merge });
  expect(managersOf(more)).toEqual([`set ${group}/v2`, `editor ${group}/v1`]);
  // What is applied no more stays where somebody owns it in another version.
  const less = await apply("v2", "set", { size: 1 });
  expect(less.body.spec).toEqual({ size: 1, tags: ["a", "b"] });
  const path = `${definitions}/bags.${group}`;
  const kept = { spec: { versions: versions.slice(0, 1) } };
  expect((await server.call("PATCH", path, { body: kept, headers: merge })).status).toBe(200);
  const last = await server.call("PATCH", url, { body: { spec: { size: 2 } }, headers: merge });
  expect(managersOf(last).join()).not.toContain("/v2");
});

test("the number of replicas has its owner by the path that his version gives it", async () => {
  const number = { type: "integer" };
  const versionOf = (name: string, field: string, storage = false): Version => {
    const spec = { type: "object", properties: { left: number, right: number, other: number } };
    const scale = { specReplicasPath: `.spec.${field}`, statusReplicasPath: ".status.ready" };
    return {
      ...v1,
      name,
      storage,
      subresources: { scale },
      schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
    };
  };
  await establish("hands", "Hand", [versionOf("v1", "left", true), versionOf("v2", "right")]);
  const body = object("Hand", "one", { spec: { left: 1, right: 1, other: 1 } }, "v2");
  const url = `${objectsOf("hands", "v2")}/one`;
  const headers = { "content-type": "application/apply-patch+yaml" };
  expect((await server.call("PATCH", `${url}?fieldManager=maker`, { body, headers })).status).toBe(201);
  const scale = { body: { spec: { replicas: 5 } }, headers: merge };
  const scaled = await server.call("PATCH", `${objectsOf("hands")}/one/scale?fieldManager=scaler`, scale);
  expect(scaled.body.spec).toEqual({ replicas: 5 });
  const { metadata } = (await server.call("GET", `${objectsOf("hands")}/one`)).body;
  const owned = metadata.managedFields.map((entry: { manager: string; fieldsV1: Record<string, object> }) => [
    entry.manager,
    Object.keys(entry.fieldsV1["f:spec"] ?? {}),
  ]);
  expect(owned).toEqual([
    ["maker", ["f:left", "f:other"]],
    ["scaler", ["f:left"]],
  ]);
});
