import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../test/framework/test-api-server.ts";

let server: TestApiServer;
const configMaps = "/api/v1/namespaces/default/configmaps";
const pods = "/api/v1/namespaces/default/pods";

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

function configMap(name: string, more: object = {}) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "value" }, ...more };
}

function pod(name: string, spec: object = {}) {
  const containers = [{ name: "main", image: "nginx:1.25" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers, ...spec } };
}

test("create gives an object its identity and refuses a second of its name", async () => {
  const created = await server.call("POST", configMaps, { body: configMap("identity") });
  expect(created.status).toBe(201);
  expect(created.body.metadata).toMatchObject({ name: "identity", namespace: "default" });
  expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  const again = await server.call("POST", configMaps, { body: configMap("identity") });
  expect(again.body).toMatchObject({ code: 409, message: 'configmaps "identity" already exists' });
  const read = await server.call("GET", `${configMaps}/identity`);
  expect(read.body).toEqual(created.body);
});

test("create generates names", async () => {
  const { body } = await server.call("POST", configMaps, {
    body: configMap("", { metadata: { generateName: "g-" } }),
  });
  expect(body.metadata.name).toMatch(/^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test("create sets a Pod's defaults and first status", async () => {
  const { body } = await server.call("POST", pods, {
    body: { ...pod("defaults"), status: { phase: "Running" } },
  });
  expect(body.metadata.generation).toBe(1);
  expect(body.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
  expect(body.spec).toMatchObject({
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    terminationGracePeriodSeconds: 30,
    serviceAccountName: "default",
    priority: 0,
    containers: [{ imagePullPolicy: "IfNotPresent", terminationMessagePath: "/dev/termination-log" }],
  });
});

test("create refuses what is not valid, field by field", async () => {
  const containers = [
    { name: "A", image: "" },
    { name: "b", image: "x", ports: [{ containerPort: 70000 }] },
  ];
  const { body } = await server.call("POST", pods, {
    body: pod("invalid", { containers, restartPolicy: "X" }),
  });
  expect(body.code).toBe(422);
  expect(body.message).toStartWith(
    'Pod "invalid" is invalid: [spec.containers[0].name: Invalid value: "A": ',
  );
  expect(body.details.causes.map((cause: { field: string }) => cause.field)).toEqual([
    "spec.containers[0].name",
    "spec.containers[0].image",
    "spec.containers[1].ports[0].containerPort",
    "spec.restartPolicy",
  ]);
});

test("create refuses what cannot be read, in the words of the decoder", async () => {
  const cases: ReadonlyArray<readonly [string, string]> = [
    [
      '{"kind":"Pod","apiVersion":"v1","spec":{"containers":1}}',
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      '{"kind":"Pod","apiVersion":"apps/v1"}',
      "the API version in the data (apps/v1) does not match the expected API version (v1)",
    ],
    [
      "{x",
      "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid character 'x' looking for beginning of object key string (7b78)",
    ],
    [
      '{"kind":"Node","apiVersion":"v1"}',
      'Node in version "v1" cannot be handled as a Pod: converting (v1.Node) to (core.Pod): unknown conversion',
    ],
  ];
  for (const [body, message] of cases) {
    const answer = await server.call("POST", pods, { body });
    expect(answer.body).toMatchObject({ code: 400, reason: "BadRequest", message });
  }
});

test("field validation warns of unknown and duplicate fields, or refuses them, or ignores them", async () => {
  const body = '{"metadata":{"name":"dup","name":"dup2"},"data":{},"extra":1}';
  const strict = await server.call("POST", `${configMaps}?fieldValidation=Strict`, { body });
  expect(strict.body.message).toEndWith(
    'strict decoding error: duplicate field "metadata.name", unknown field "extra"',
  );
  const warned = await server.call("POST", configMaps, { body });
  expect(warned.headers.get("warning")).toBe(
    '299 - "duplicate field \\"metadata.name\\"", 299 - "unknown field \\"extra\\""',
  );
  const ignored = await server.call("POST", `${configMaps}?fieldValidation=Ignore&dryRun=All`, {
    body: body.replaceAll("dup", "other"),
  });
  expect(ignored.status).toBe(201);
  expect(ignored.headers.get("warning")).toBeNull();
});

test("a body may be YAML, of any declared type it is refused, and too large it is refused", async () => {
  const yaml = "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: yaml\ndata:\n  key: 'yes'\n";
  const headers = { "content-type": "application/yaml" };
  expect((await server.call("POST", configMaps, { body: yaml, headers })).body.data).toEqual({ key: "yes" });
  const wrong = await server.call("POST", configMaps, {
    body: yaml,
    headers: { "content-type": "text/plain" },
  });
  expect(wrong.body).toMatchObject({ code: 415, reason: "UnsupportedMediaType" });
  const large = await server.call("POST", configMaps, { body: "x".repeat(3 * 1024 * 1024 + 1) });
  expect(large.body).toMatchObject({ code: 413, message: "Request entity too large: limit is 3145728" });
  const definition = {
    spec: {
      group: "sizes.example.com",
      scope: "Cluster",
      names: { plural: "sizes", kind: "Size" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", description: "x".repeat(1_600_000) } },
        },
      ],
    },
    metadata: { name: "sizes.sizes.example.com" },
  };
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const stored = await server.call("POST", definitions, { body: definition });
  expect(stored.body).toMatchObject({ code: 500, message: "etcdserver: request is too large" });
});

test("update asks for the newest state, or for none", async () => {
  const created = await server.call("POST", configMaps, { body: configMap("update") });
  const next = { ...created.body, data: { key: "2" } };
  const updated = await server.call("PUT", `${configMaps}/update`, { body: next });
  expect(updated.status).toBe(200);
  const stale = await server.call("PUT", `${configMaps}/update`, { body: { ...next, data: { key: "3" } } });
  expect(stale.body).toMatchObject({
    code: 409,
    message:
      'Operation cannot be fulfilled on configmaps "update": the object has been modified; please apply your changes to the latest version and try again',
  });
  const blind = await server.call("PUT", `${configMaps}/update`, {
    body: configMap("update", { data: { key: "4" } }),
  });
  expect(blind.body.data).toEqual({ key: "4" });
});

test("an update that changes nothing is not written", async () => {
  const created = await server.call("POST", configMaps, { body: configMap("same") });
  const updated = await server.call("PUT", `${configMaps}/same`, { body: created.body });
  expect(updated.body).toEqual(created.body);
});

test("update creates leases, which need a resource version to be replaced", async () => {
  const path = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/a";
  const lease = {
    kind: "Lease",
    metadata: { name: "a" },
    spec: { holderIdentity: "a", leaseDurationSeconds: 40 },
  };
  expect((await server.call("PUT", path, { body: lease })).status).toBe(201);
  const blind = await server.call("PUT", path, { body: lease });
  expect(blind.body).toMatchObject({ code: 422, reason: "Invalid" });
  expect(blind.body.message).toContain(
    "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
  );
});

test("patches of all three kinds are applied", async () => {
  await server.call("POST", pods, { body: pod("patched") });
  const patch = (type: string, body: unknown) =>
    server.call("PATCH", `${pods}/patched`, {
      body,
      headers: { "content-type": `application/${type}+json` },
    });
  const json = await patch("json-patch", [{ op: "add", path: "/metadata/labels", value: { a: "1" } }]);
  expect(json.body.metadata.labels).toEqual({ a: "1" });
  const merge = await patch("merge-patch", { metadata: { labels: { a: null, b: "2" } } });
  expect(merge.body.metadata.labels).toEqual({ b: "2" });
  const strategic = await patch("strategic-merge-patch", {
    spec: { containers: [{ name: "main", image: "nginx:1.26" }] },
  });
  expect(strategic.body.spec.containers[0]).toMatchObject({
    image: "nginx:1.26",
    imagePullPolicy: "IfNotPresent",
  });
  expect(strategic.body.metadata.generation).toBe(2);
  expect((await patch("unknown", {})).body).toMatchObject({ code: 415 });
  expect((await patch("json-patch", [{ op: "remove", path: "/none" }])).body).toMatchObject({ code: 422 });
});

test("patches that meet all count", async () => {
  await server.call("POST", configMaps, { body: configMap("busy") });
  const headers = { "content-type": "application/merge-patch+json" };
  const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
  const answers = await Promise.all(
    keys.map((key) => server.call("PATCH", `${configMaps}/busy`, { body: { data: { [key]: "" } }, headers })),
  );
  expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
  const { body } = await server.call("GET", `${configMaps}/busy`);
  expect(Object.keys(body.data)).toHaveLength(31);
  const stale = { metadata: { resourceVersion: "1" }, data: {} };
  const refused = await server.call("PATCH", `${configMaps}/busy`, { body: stale, headers });
  expect(refused.body).toMatchObject({ code: 409, reason: "Conflict" });
});

test("the status is changed by its subresource only", async () => {
  const created = await server.call("POST", pods, { body: pod("status") });
  const running = { ...created.body, status: { phase: "Running" }, metadata: created.body.metadata };
  expect((await server.call("PUT", `${pods}/status`, { body: running })).body.status.phase).toBe("Pending");
  const updated = await server.call("PUT", `${pods}/status/status`, { body: { ...running, spec: {} } });
  expect(updated.body.status).toEqual({ phase: "Running", qosClass: "BestEffort" });
  expect(updated.body.spec).toEqual(created.body.spec);
});

test("a Pod's spec stays as it was, but for what may change", async () => {
  const created = await server.call("POST", pods, { body: pod("frozen") });
  const body = { ...created.body, spec: { ...created.body.spec, hostname: "other" } };
  const refused = await server.call("PUT", `${pods}/frozen`, { body });
  expect(refused.body.code).toBe(422);
  expect(refused.body.details.causes[0].message).toStartWith(
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`",
  );
});

test("binding gives a Pod its node once", async () => {
  await server.call("POST", pods, { body: pod("bound") });
  const binding = {
    kind: "Binding",
    apiVersion: "v1",
    metadata: { name: "bound" },
    target: { kind: "Node", name: "n1" },
  };
  expect((await server.call("POST", `${pods}/bound/binding`, { body: binding })).status).toBe(201);
  const { body } = await server.call("GET", `${pods}/bound`);
  expect(body.spec.nodeName).toBe("n1");
  expect(body.status.conditions).toMatchObject([{ type: "PodScheduled", status: "True" }]);
  const again = await server.call("POST", `${pods}/bound/binding`, { body: binding });
  expect(again.body.message).toBe(
    'Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "n1"',
  );
});

test("every answer names its audit and forbids caches", async () => {
  const { headers } = await server.call("GET", `${configMaps}/none`);
  expect(headers.get("audit-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("cache-control")).toBe("no-cache, private");
});

test("what the API does not have is not found, and what it does not do is not allowed", async () => {
  expect((await server.call("GET", "/api/v1/foos")).body).toMatchObject({ code: 404, details: {} });
  expect((await server.call("GET", `${configMaps}/none`)).body.message).toBe('configmaps "none" not found');
  expect((await server.call("PUT", configMaps, { body: {} })).body).toMatchObject({ code: 405 });
  expect((await server.call("GET", `${pods}/none/foo`)).body).toMatchObject({ code: 404 });
  const accept = { headers: { accept: "text/html" } };
  expect((await server.call("GET", configMaps, accept)).body).toMatchObject({
    code: 406,
    reason: "NotAcceptable",
  });
});

test("a request takes no longer than its client wants to wait, and a time that is none is refused", async () => {
  const bad = await server.call("GET", "/api/v1/configmaps?timeout=soon");
  expect([bad.status, bad.body.message]).toEqual([
    400,
    'invalid timeout specified in the request URL - time: invalid duration "soon"',
  ]);
  expect((await server.call("GET", "/api/v1/configmaps?timeout=32s")).status).toBe(200);
});

test("a path that is none of the API's is answered as Go's servers do", async () => {
  const { status, text, headers } = await server.call("GET", "/nothing");
  expect([status, text]).toEqual([404, "404 page not found\n"]);
  expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
  for (const path of [
    "/api/v9/pods",
    "/apis/apps/v9/deployments",
    "/apis/apps/v9",
    "/apis/no.example/v1/things",
  ]) {
    expect((await server.call("GET", path)).text).toBe("404 page not found\n");
  }
  const known = await server.call("GET", "/apis/apps/v1/things");
  expect(known.body).toMatchObject({
    message: "the server could not find the requested resource",
    code: 404,
  });
});
