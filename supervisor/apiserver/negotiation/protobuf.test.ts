import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import { kindModel } from "../../api/kind-model.ts";
import { apiEncoder, apiMessages } from "../../api/message-set.ts";
import type { JsonObject } from "../../apimachinery/json/json-value.ts";
import { decodeMessage } from "../../apimachinery/protobuf/decode-message.ts";
import { encodeEnvelope, openEnvelope } from "../../apimachinery/protobuf/envelope.ts";
import { ProtobufReader } from "../../apimachinery/protobuf/protobuf-reader.ts";

const protobuf = "application/vnd.kubernetes.protobuf";
const path = "/api/v1/namespaces/default/configmaps";
/** What controller-runtime and the kubelet send. */
const accept = `${protobuf},application/json`;

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are looked into
function decoded(bytes: Uint8Array): any {
  const { kind, apiVersion, raw } = openEnvelope(bytes);
  const model = kindModel(apiVersion.replace("meta.k8s.io/", ""), kind) ?? "";
  return { kind, apiVersion, ...decodeMessage(apiMessages, model, raw) };
}

async function read(url: string, headers: Record<string, string> = { accept }) {
  const response = await server.fetch("GET", url, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get("content-type"), object: decoded(bytes) };
}

function post(url: string, object: JsonObject): Promise<Response> {
  const model = kindModel(String(object.apiVersion), String(object.kind)) ?? "";
  const body = encodeEnvelope(apiEncoder, model, object);
  const headers = { accept, "content-type": protobuf };
  const request = new Request(`https://test${url}`, { method: "POST", headers, body: new Uint8Array(body) });
  return server.server.fetch(
    request,
    server.connection({ commonName: "a", organizations: ["system:masters"] }),
  );
}

test("what is created in protobuf is read in protobuf and in JSON", async () => {
  const object = { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a" }, data: { k: "ä€𝄞" } };
  const created = await post(path, object);
  expect(created.status).toBe(201);
  expect(created.headers.get("content-type")).toBe(protobuf);
  const { object: found, type } = await read(`${path}/a`);
  expect(type).toBe(protobuf);
  const { body } = await server.call("GET", `${path}/a`);
  expect(found).toEqual(body);
  expect(body.data).toEqual({ k: "ä€𝄞" });
});

test("lists, errors, deletions and what is known of each object come in protobuf too", async () => {
  const list = await read(path);
  expect(list.object).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1" });
  expect(list.object.items[0].metadata.name).toBe("a");
  expect(list.object.metadata.resourceVersion).toMatch(/^\d+$/);
  const partial = await read(path, { accept: `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1` });
  expect(partial.object.kind).toBe("PartialObjectMetadataList");
  expect(partial.object.items[0]).toEqual({ metadata: list.object.items[0].metadata });
  const missing = await read(`${path}/none`);
  expect(missing.status).toBe(404);
  expect(missing.object).toMatchObject({ kind: "Status", reason: "NotFound", details: { name: "none" } });
  const resources = await read("/api/v1");
  expect(resources.object.resources.map(({ name }: { name: string }) => name)).toContain("pods/exec");
});

test("tables have no protobuf form: the client's next choice is taken", async () => {
  const table = `${protobuf};as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1`;
  expect((await server.call("GET", path, { headers: { accept: table } })).body.kind).toBe("Table");
  const only = { accept: `${protobuf};as=Table;g=meta.k8s.io;v=v1` };
  const refused = await server.call("GET", path, { headers: only });
  expect(refused.status).toBe(406);
  expect(refused.body.message).toBe(
    "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
  );
});

test("a watch sends frames with the length before each event", async () => {
  const stop = new AbortController();
  const headers = { accept: `${protobuf};stream=watch` };
  const response = await server.fetch("GET", `${path}?watch=1`, { headers }, stop.signal);
  expect(response.headers.get("content-type")).toBe(`${protobuf};stream=watch`);
  const reader = (response.body ?? new ReadableStream()).getReader();
  const bytes = Buffer.from((await reader.read()).value);
  expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4);
  const fields = new ProtobufReader(bytes.subarray(4));
  expect(String(fields.next()?.value)).toBe("ADDED");
  // The second field is a RawExtension, whose first holds the object.
  const extension = fields.next()?.value;
  const inner = extension instanceof Uint8Array ? new ProtobufReader(extension).next()?.value : undefined;
  expect(inner instanceof Uint8Array ? decoded(inner).metadata.name : "").toBe("a");
  stop.abort();
});

test("a form that does not fit what is asked for is refused", async () => {
  const accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  const list = await server.call("GET", path, { headers: { accept } });
  expect([list.status, list.body.message]).toEqual([
    406,
    "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)",
  ]);
  const table = { accept: "application/json;as=Table;g=meta.k8s.io;v=v1" };
  const wrong = await server.call("GET", `${path}?includeObject=All`, { headers: table });
  expect([wrong.status, wrong.body.message]).toEqual([
    400,
    "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty",
  ]);
});

test("YAML has no frames for a watch, and CBOR is not taken", async () => {
  const yaml = await server.call("GET", `${path}?watch=1`, { headers: { accept: "application/yaml" } });
  expect(yaml.status).toBe(406);
  // YAML folds long lines.
  expect(yaml.text.replace(/\s+/g, " ")).toContain(
    "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
  );
  const cbor = { "content-type": "application/cbor" };
  const refused = await server.call("POST", path, { body: "x", headers: cbor });
  expect(refused.status).toBe(415);
  expect(refused.body.message).toBe(
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
  );
});

test("a long list is whole in every form", async () => {
  const big = "x".repeat(50_000);
  const names = Array.from({ length: 30 }, (_, index) => `big-${index + 10}`);
  for (const name of names) await server.call("POST", path, { body: { metadata: { name }, data: { big } } });
  const list = await read(`${path}?labelSelector=!none`);
  const found = list.object.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  expect(found).toEqual(["a", ...names]);
  const yaml = await server.call("GET", path, { headers: { accept: "application/yaml" } });
  expect(yaml.text.match(/^ {4}name: big-/gm)).toHaveLength(30);
  const packed = await server.fetch("GET", path, { headers: { accept, "accept-encoding": "br, gzip" } });
  expect(packed.headers.get("content-encoding")).toBe("gzip");
});

test("the best of what a client accepts is taken, by quality and then by order", async () => {
  const type = async (value: string) =>
    (await server.fetch("GET", `${path}/a`, { headers: { accept: value } })).headers.get("content-type");
  expect(await type("application/json;q=0.1,application/yaml;q=0.5")).toBe("application/yaml");
  expect(await type("*/*,application/yaml")).toBe("application/yaml");
  expect(await type("text/html, application/*;q=0.8")).toBe("application/json");
  expect(await type("application/cbor,application/json")).toBe("application/json");
});
