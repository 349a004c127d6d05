import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

const protobufV2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

async function document(path: string) {
  const { body } = await server.call("GET", "/openapi/v3");
  return (await server.call("GET", body.paths[path].serverRelativeURL)).body;
}

test("v3 tells of each group version where its document is, which may be kept for ever", async () => {
  const { body, headers } = await server.call("GET", "/openapi/v3");
  const url: string = body.paths["api/v1"].serverRelativeURL;
  const answer = await server.call("GET", url);
  expect(answer.headers.get("cache-control")).toBe("public, immutable");
  const etag = answer.headers.get("etag") ?? "";
  expect(url).toEndWith(`?hash=${etag.slice(1, -1)}`);
  expect((await server.call("GET", url, { headers: { "if-none-match": etag } })).status).toBe(304);
  const index = { "if-none-match": headers.get("etag") ?? "" };
  expect((await server.call("GET", "/openapi/v3", { headers: index })).status).toBe(304);
  const moved = await server.call("GET", "/openapi/v3/api/v1?hash=OLD");
  expect([moved.status, moved.headers.get("location")]).toEqual([301, url]);
  expect((await server.call("GET", "/openapi/v3/apis/none.example.com/v1")).status).toBe(404);
  expect((await server.call("GET", url, { headers: { accept: "text/html" } })).status).toBe(406);
});

test("v3 describes models with texts, defaults, choices and the marks of lists", async () => {
  const { paths, components } = await document("api/v1");
  const { properties } = components.schemas["io.k8s.api.core.v1.PodSpec"];
  expect(properties.containers).toMatchObject({
    description: expect.stringContaining("List of containers belonging to the pod"),
    items: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }], default: {} },
    type: "array",
    "x-kubernetes-list-map-keys": ["name"],
    "x-kubernetes-list-type": "map",
    "x-kubernetes-patch-merge-key": "name",
    "x-kubernetes-patch-strategy": "merge",
  });
  expect(properties.affinity.description).toBe("If specified, the pod's scheduling constraints");
  expect(properties.restartPolicy.enum).toEqual(["Always", "Never", "OnFailure"]);
  const port = components.schemas["io.k8s.api.core.v1.ContainerPort"].properties;
  expect(port.protocol.default).toBe("TCP");
  expect(port.containerPort).toMatchObject({ type: "integer", format: "int32", default: 0 });
  const patch = paths["/api/v1/namespaces/{namespace}/pods/{name}"].patch;
  expect(patch).toMatchObject({
    operationId: "patchCoreV1NamespacedPod",
    "x-kubernetes-group-version-kind": { group: "", version: "v1", kind: "Pod" },
  });
  expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toContain("fieldValidation");
  // The texts come from a client's comments, where some characters are escaped.
  expect(JSON.stringify({ paths, components })).not.toMatch(/&#?\w+;/);
});

test("every reference within a document leads somewhere", async () => {
  const { body } = await server.call("GET", "/openapi/v2");
  const text = JSON.stringify(body);
  const refs = new Set(
    Array.from(text.matchAll(/"#\/(\w+)\/([^"]+)"/g), ([, part, name]) => `${part}/${name}`),
  );
  const missing = Array.from(refs).filter((ref) => {
    const [part = "", name = ""] = ref.split("/");
    return body[part]?.[name] === undefined;
  });
  expect(missing).toEqual([]);
  expect(refs.size).toBeGreaterThan(300);
});

test("v2 comes in protobuf for those who ask for it", async () => {
  const answer = await server.call("GET", "/openapi/v2", { headers: { accept: protobufV2 } });
  expect(answer.headers.get("content-type")).toBe(
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
  );
  expect(answer.text.slice(0, 5)).toBe("\n\x032.0");
  const headers = { accept: protobufV2, "if-none-match": answer.headers.get("etag") ?? "" };
  expect((await server.call("GET", "/openapi/v2", { headers })).status).toBe(304);
});

test("v3 comes in protobuf too", async () => {
  const accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
  const answer = await server.call("GET", "/openapi/v3/api/v1", { headers: { accept } });
  expect(answer.headers.get("content-type")).toBe(
    "application/com.github.proto-openapi.spec.v3.v1.0+protobuf",
  );
  expect(answer.text.slice(0, 7)).toBe("\n\x053.0.0");
});

function definitionOf(schema: object): object {
  const version = {
    name: "v1",
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema },
    subresources: {
      status: {},
      scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
    },
    selectableFields: [{ jsonPath: ".spec.mode" }],
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "databases.db.example.com" },
    spec: {
      group: "db.example.com",
      scope: "Namespaced",
      names: { plural: "databases", singular: "database", kind: "Database", listKind: "DatabaseList" },
      versions: [version],
    },
  };
}

const schema = {
  type: "object",
  description: "A database",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["size"],
      properties: {
        size: { type: "integer", minimum: 1, default: 1 },
        mode: { type: "string", enum: ["fast", "safe"] },
        note: { type: "string", nullable: true },
        port: { "x-kubernetes-int-or-string": true },
        template: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
        users: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
        },
      },
    },
    status: { type: "object", properties: { size: { type: "integer" } } },
  },
};

test("custom kinds are described while their definition is there", async () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const before = (await server.call("GET", "/openapi/v2")).headers.get("etag");
  expect((await server.call("POST", definitions, { body: definitionOf(schema) })).status).toBe(201);
  await waitUntil(async () => (await server.call("GET", "/apis/db.example.com/v1")).status === 200);
  const { components, paths } = await document("apis/db.example.com/v1");
  const database = components.schemas["com.example.db.v1.Database"];
  expect(database).toMatchObject({
    description: "A database",
    required: ["spec"],
    "x-kubernetes-group-version-kind": [{ group: "db.example.com", version: "v1", kind: "Database" }],
    "x-kubernetes-selectable-fields": [{ fieldPath: "spec.mode" }],
  });
  expect(database.properties.metadata.allOf[0].$ref).toEndWith(
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
  );
  expect(database.properties.spec.properties).toMatchObject({
    size: { default: 1, minimum: 1 },
    port: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    users: { "x-kubernetes-list-map-keys": ["name"] },
    template: { required: ["kind", "apiVersion"] },
  });
  const scale = paths["/apis/db.example.com/v1/namespaces/{namespace}/databases/{name}/scale"].get;
  expect(scale.operationId).toBe("readDbExampleComV1NamespacedDatabaseScale");
  const { body: v2, headers } = await server.call("GET", "/openapi/v2");
  expect(headers.get("etag")).not.toBe(before);
  const { spec } = v2.definitions["com.example.db.v1.Database"].properties;
  expect(spec.properties.note).toEqual({});
  expect(spec.properties.size).toEqual({ type: "integer", minimum: 1 });
  expect(spec.properties.template.type).toBeUndefined();
  await server.call("DELETE", `${definitions}/databases.db.example.com`);
  await waitUntil(async () => {
    const { body } = await server.call("GET", "/openapi/v3");
    return body.paths["apis/db.example.com/v1"] === undefined;
  });
});

test("objects of custom kinds have no protobuf form, what is known of each of them has", async () => {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await server.call("POST", definitions, { body: definitionOf(schema) });
  await waitUntil(async () => (await server.call("GET", "/apis/db.example.com/v1")).status === 200);
  const path = "/apis/db.example.com/v1/namespaces/default/databases";
  const body = {
    apiVersion: "db.example.com/v1",
    kind: "Database",
    metadata: { name: "a" },
    spec: { size: 2 },
  };
  expect((await server.call("POST", path, { body })).status).toBe(201);
  const protobuf = "application/vnd.kubernetes.protobuf";
  const type = async (accept: string) =>
    (await server.fetch("GET", `${path}/a`, { headers: { accept } })).headers.get("content-type");
  expect(await type(`${protobuf},application/json`)).toBe("application/json");
  expect(await type(`${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`)).toBe(protobuf);
  expect((await server.call("GET", `${path}/a`, { headers: { accept: protobuf } })).status).toBe(406);
  const given = await server.call("POST", path, { body: "k8s", headers: { "content-type": protobuf } });
  expect(given.body.message).toBe(
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml",
  );
});
