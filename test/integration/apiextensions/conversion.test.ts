/** Custom resources whose versions a webhook converts, over real TLS. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../framework/certificates.ts";
import { eventually } from "../../framework/eventually.ts";
import { LoopbackNode, serviceObjects } from "../../framework/loopback-node.ts";
import { TestApiServer } from "../../framework/test-api-server.ts";

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const group = "convert.example.com";

interface Widget {
  apiVersion: string;
  metadata: Record<string, unknown>;
  spec: { size?: string; width?: number; height?: number };
}

interface Review {
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly Widget[];
  };
}

let server: TestApiServer;
let webhook: ReturnType<typeof Bun.serve>;
let caBundle: string;
let mode: "right" | "refuses" | "renames" = "right";
let asked = 0;
const folder = mkdtempSync(join(tmpdir(), "pacific-conversion-"));

/** v1 has `size: 3x4`, v2 has `width` and `height`. */
function convert(widget: Widget, apiVersion: string): Widget {
  const { size = "", width, height } = widget.spec;
  const [first, second] = size.split("x");
  const spec = apiVersion.endsWith("/v2")
    ? { width: Number(first), height: Number(second) }
    : { size: `${width}x${height}` };
  const name = mode === "renames" ? "other" : widget.metadata.name;
  const metadata = { ...widget.metadata, name, labels: { converted: apiVersion.replace("/", ".") } };
  return { ...widget, apiVersion, metadata, spec };
}

// biome-ignore lint/suspicious/noExplicitAny: what the API server sends is looked into
const admitted: any[] = [];

/** Makes widgets of height 4 wider, and knows their v2 only. */
function admit({ request, apiVersion }: (typeof admitted)[number]): Response {
  admitted.push(request);
  const { uid, object } = request;
  const operations = [{ op: "replace", path: "/spec/width", value: 9 }];
  const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
  const change = object.spec.height === 4 ? { patchType: "JSONPatch", patch } : {};
  return Response.json({ kind: "AdmissionReview", apiVersion, response: { uid, allowed: true, ...change } });
}

beforeAll(async () => {
  const { certificatePath, keyPath } = makeCertificate(folder, "server", ["good.default.svc"]);
  const cert = readFileSync(certificatePath, "utf8");
  caBundle = Buffer.from(cert).toString("base64");
  webhook = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert, key: readFileSync(keyPath, "utf8") },
    async fetch(request) {
      if (new URL(request.url).pathname === "/admit") return admit(await request.json());
      asked++;
      // The API server sends nothing else.
      const { request: review } = (await request.json()) as Review;
      const { uid, desiredAPIVersion, objects } = review;
      const response =
        mode === "refuses"
          ? { uid, result: { status: "Failure", message: "not today" } }
          : {
              uid,
              result: { status: "Success" },
              convertedObjects: objects.map((object) => convert(object, desiredAPIVersion)),
            };
      return Response.json({ kind: "ConversionReview", apiVersion: "apiextensions.k8s.io/v1", response });
    },
  });
  const nodes = new LoopbackNode();
  for (const name of ["hook", "good"]) nodes.add("default", name);
  server = await TestApiServer.start({ nodes });
  for (const name of ["hook", "good"]) {
    const { service, slice } = serviceObjects(name, 443, webhook.port ?? 0);
    await server.call("POST", "/api/v1/namespaces/default/services", { body: service });
    const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    expect((await server.call("POST", slices, { body: slice })).status).toBe(201);
  }
});

afterAll(async () => {
  await server.close();
  await webhook.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

function version(name: string, storage: boolean, properties: object): object {
  const spec = { type: "object", properties };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
  return { name, served: true, storage, schema };
}

async function establish(plural: string, clientConfig: object): Promise<void> {
  const number = { type: "integer" };
  const versions = [
    version("v1", true, { size: { type: "string" } }),
    version("v2", false, { width: number, height: number }),
  ];
  const conversion = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } };
  const names = { plural, kind: "Widget", listKind: `${plural}List`, singular: plural.slice(0, -1) };
  const body = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${plural}.${group}` },
    spec: { group: `${plural}.${group}`, scope: "Namespaced", names, versions, conversion },
  };
  const made = await server.call("POST", definitions, { body });
  expect(made.text).toContain('"generation":1');
  await eventually(
    "it is served",
    5000,
    async () => (await server.call("GET", path(plural, "v1"))).status === 200,
  );
}

function path(plural: string, apiVersion: string): string {
  return `/apis/${plural}.${group}/${apiVersion}/namespaces/default/${plural}`;
}

test("objects are converted on every way: read, listed, watched, written and patched", async () => {
  await establish("widgets", { url: `https://localhost:${webhook.port}/convert`, caBundle });
  const old = path("widgets", "v1");
  const next = path("widgets", "v2");
  const widget = {
    apiVersion: `widgets.${group}/v1`,
    kind: "Widget",
    metadata: { name: "one" },
    spec: { size: "3x4" },
  };
  expect((await server.call("POST", old, { body: widget })).body.spec).toEqual({ size: "3x4" });
  const before = asked;
  expect((await server.call("GET", `${old}/one`)).body.spec).toEqual({ size: "3x4" });
  expect(asked).toBe(before);
  const read = await server.call("GET", `${next}/one`);
  expect(read.body).toMatchObject({ apiVersion: `widgets.${group}/v2`, spec: { width: 3, height: 4 } });
  expect(read.body.metadata.labels).toEqual({ converted: `widgets.${group}.v2` });
  const second = {
    ...widget,
    apiVersion: `widgets.${group}/v2`,
    metadata: { name: "two" },
    spec: { width: 5, height: 6 },
  };
  expect((await server.call("POST", next, { body: second })).body.spec).toEqual({ width: 5, height: 6 });
  expect((await server.call("GET", `${old}/two`)).body.spec).toEqual({ size: "5x6" });
  const single = asked;
  const list = await server.call("GET", `${next}?labelSelector=converted%3Dwidgets.${group}.v2`);
  expect(list.body.items.map((item: Widget) => item.spec.width)).toEqual([3, 5]);
  expect(asked).toBe(single + 1);
  const stop = new AbortController();
  const watch = await server.fetch("GET", `${next}?watch=true`, {}, stop.signal);
  const body = { spec: { width: 7 } };
  const headers = { "content-type": "application/merge-patch+json" };
  expect((await server.call("PATCH", `${next}/one`, { body, headers })).body.spec).toEqual({
    width: 7,
    height: 4,
  });
  let seen = "";
  for await (const chunk of watch.body ?? []) {
    seen += Buffer.from(chunk).toString();
    if (seen.includes('"type":"MODIFIED"')) break;
  }
  stop.abort();
  const last = JSON.parse(seen.trim().split("\n").at(-1) ?? "");
  expect(last.object).toMatchObject({ apiVersion: `widgets.${group}/v2`, spec: { width: 7, height: 4 } });
});

test("a webhook that refuses, lies or is not reached is named in the error", async () => {
  await establish("gadgets", { url: `https://localhost:${webhook.port}/convert`, caBundle });
  const widget = {
    apiVersion: `gadgets.${group}/v1`,
    kind: "Widget",
    metadata: { name: "one" },
    spec: { size: "3x4" },
  };
  await server.call("POST", path("gadgets", "v1"), { body: widget });
  const message = async () => (await server.call("GET", `${path("gadgets", "v2")}/one`)).body.message;
  const subject = `Internal error occurred: conversion webhook for gadgets.${group}/v1, Kind=Widget`;
  try {
    mode = "refuses";
    expect(await message()).toBe(`${subject} failed: not today`);
    mode = "renames";
    expect(await message()).toBe(`${subject} returned invalid object: must have the same name: one != other`);
  } finally {
    mode = "right";
  }
  await establish("tools", { url: `https://localhost:${webhook.port}/convert` });
  const tool = { ...widget, apiVersion: `tools.${group}/v2`, spec: { width: 1, height: 2 } };
  const refused = await server.call("POST", path("tools", "v2"), { body: tool });
  expect(refused.status).toBe(500);
  expect(refused.body.message).toContain(
    `failed: Post "https://localhost:${webhook.port}/convert?timeout=30s": `,
  );
});

test("a webhook behind a Service is dialled, and must have the Service's name", async () => {
  await establish("things", { service: { namespace: "default", name: "hook", path: "/convert" }, caBundle });
  const thing = {
    apiVersion: `things.${group}/v2`,
    kind: "Widget",
    metadata: { name: "one" },
    spec: { width: 1, height: 2 },
  };
  const { body } = await server.call("POST", path("things", "v2"), { body: thing });
  // The certificate is not this Service's.
  expect(body.message).toContain('Post "https://hook.default.svc:443/convert?timeout=30s": ');
  await establish("items", { service: { namespace: "default", name: "good", path: "/convert" }, caBundle });
  const item = { ...thing, apiVersion: `items.${group}/v2` };
  expect((await server.call("POST", path("items", "v2"), { body: item })).body.spec).toEqual(thing.spec);
  expect((await server.call("GET", `${path("items", "v1")}/one`)).body.spec).toEqual({ size: "1x2" });
});

test("who owns fields in another version owns them there, and loses what changes there", async () => {
  await establish("boxes", { url: `https://localhost:${webhook.port}/convert`, caBundle });
  const headers = { "content-type": "application/apply-patch+yaml" };
  const apply = (version: string, manager: string, spec: object, query = "") => {
    const body = { apiVersion: `boxes.${group}/${version}`, kind: "Widget", metadata: { name: "one" }, spec };
    const url = `${path("boxes", version)}/one?fieldManager=${manager}${query}`;
    return server.call("PATCH", url, { body, headers });
  };
  expect((await apply("v2", "measures", { width: 1, height: 2 })).status).toBe(201);
  const conflict = await apply("v1", "sizes", { size: "1x3" });
  expect(conflict.status).toBe(409);
  expect(conflict.body.details.causes.map((cause: Record<string, string>) => cause.field)).toEqual([
    ".spec.height",
  ]);
  const forced = await apply("v1", "sizes", { size: "1x3" }, "&force=true");
  const owned = (answer: typeof forced, manager: string) =>
    answer.body.metadata.managedFields.find((entry: Record<string, unknown>) => entry.manager === manager)
      ?.fieldsV1["f:spec"];
  expect(owned(forced, "measures")).toEqual({ "f:width": {} });
  expect(owned(forced, "sizes")).toEqual({ "f:size": {} });
  const edit = {
    body: { spec: { size: "5x3" } },
    headers: { "content-type": "application/merge-patch+json" },
  };
  const edited = await server.call("PATCH", `${path("boxes", "v1")}/one?fieldManager=editor`, edit);
  expect(owned(edited, "measures")).toBeUndefined();
  expect(owned(edited, "editor")).toEqual({ "f:size": {} });
});

test("webhooks and policies see the version that their rules name, and what they make comes back", async () => {
  const url = `https://localhost:${webhook.port}`;
  await establish("crates", { url: `${url}/convert`, caBundle });
  const registration = "/apis/admissionregistration.k8s.io/v1";
  const rule = {
    apiGroups: [`crates.${group}`],
    apiVersions: ["v2"],
    resources: ["crates"],
    operations: ["CREATE", "UPDATE"],
  };
  const metadata = { name: "crates" };
  const hook = {
    name: "wide.example.com",
    clientConfig: { url: `${url}/admit`, caBundle },
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    rules: [rule],
    matchConditions: [{ name: "wide", expression: "object.spec.width > 0" }],
  };
  const hooks = `${registration}/mutatingwebhookconfigurations`;
  expect((await server.call("POST", hooks, { body: { metadata, webhooks: [hook] } })).status).toBe(201);
  const policy = {
    matchConstraints: { resourceRules: [rule] },
    validations: [{ expression: "object.spec.height < 10 && object.spec.width != 8" }],
  };
  const policies = `${registration}/validatingadmissionpolicies`;
  expect((await server.call("POST", policies, { body: { metadata, spec: policy } })).status).toBe(201);
  const binding = { policyName: "crates", validationActions: ["Deny"] };
  const bindings = `${registration}/validatingadmissionpolicybindings`;
  expect((await server.call("POST", bindings, { body: { metadata, spec: binding } })).status).toBe(201);
  const create = (name: string, size: string) => {
    const body = { apiVersion: `crates.${group}/v1`, kind: "Widget", metadata: { name }, spec: { size } };
    return server.call("POST", path("crates", "v1"), { body });
  };
  const made = await create("one", "3x4");
  expect(made.body).toMatchObject({ apiVersion: `crates.${group}/v1`, spec: { size: "9x4" } });
  expect(admitted.at(-1)).toMatchObject({
    kind: { group: `crates.${group}`, version: "v2", kind: "Widget" },
    resource: { version: "v2", resource: "crates" },
    requestKind: { version: "v1" },
    requestResource: { version: "v1" },
    object: { apiVersion: `crates.${group}/v2`, spec: { width: 3, height: 4 } },
  });
  const refused = await create("two", "3x20");
  expect(refused.body.message).toContain("object.spec.height < 10");
  const body = { spec: { size: "8x3" } };
  const headers = { "content-type": "application/merge-patch+json" };
  const changed = await server.call("PATCH", `${path("crates", "v1")}/one`, { body, headers });
  expect(changed.status).toBe(422);
  expect(admitted.at(-1).oldObject.spec).toEqual({ width: 9, height: 4 });
});
