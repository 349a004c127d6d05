import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../../../../test/framework/eventually.ts";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

const registration = "/apis/admissionregistration.k8s.io/v1";
const apiVersion = "admissionregistration.k8s.io/v1";
let api: TestApiServer;

beforeAll(async () => {
  api = await TestApiServer.start();
});
afterAll(() => api.close());

async function policy(name: string, resource: string, mutations: readonly object[], more: object = {}) {
  const rule = {
    apiGroups: ["", "apps"],
    apiVersions: ["v1"],
    resources: [resource],
    operations: ["CREATE"],
  };
  const created = await api.call("POST", `${registration}/mutatingadmissionpolicies`, {
    body: {
      apiVersion,
      kind: "MutatingAdmissionPolicy",
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        reinvocationPolicy: "IfNeeded",
        mutations,
        ...more,
      },
    },
  });
  expect(created.status).toBe(201);
  const spec = { policyName: name };
  const binding = { apiVersion, kind: "MutatingAdmissionPolicyBinding", metadata: { name }, spec };
  const bound = await api.call("POST", `${registration}/mutatingadmissionpolicybindings`, { body: binding });
  expect(bound.status).toBe(201);
}

async function remove(name: string): Promise<void> {
  await api.call("DELETE", `${registration}/mutatingadmissionpolicies/${name}`);
  await api.call("DELETE", `${registration}/mutatingadmissionpolicybindings/${name}`);
}

function apply(expression: string) {
  return { patchType: "ApplyConfiguration", applyConfiguration: { expression } };
}

function patch(expression: string) {
  return { patchType: "JSONPatch", jsonPatch: { expression } };
}

function createConfigMap(name: string, data: object = {}) {
  return api.call("POST", "/api/v1/namespaces/default/configmaps", {
    body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data },
  });
}

test("an apply configuration is merged into the object as server-side apply would", async () => {
  await policy(
    "deployments",
    "deployments",
    [
      apply(
        `Object{metadata: Object.metadata{annotations: {"by": variables.who}}, spec: Object.spec{
          replicas: object.spec.replicas + 1,
          template: Object.spec.template{spec: Object.spec.template.spec{containers: [
            Object.spec.template.spec.containers{name: "side", image: "side:1"}]}}}}`,
      ),
    ],
    { variables: [{ name: "who", expression: "request.userInfo.username" }] },
  );
  const labels = { app: "web" };
  const created = await api.call("POST", "/apis/apps/v1/namespaces/default/deployments", {
    body: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "main:1" }] } },
      },
    },
  });
  expect(created.status).toBe(201);
  expect(created.body.metadata.annotations).toMatchObject({ by: "admin" });
  expect(created.body.spec.template.spec.containers).toMatchObject([
    { name: "main", imagePullPolicy: "IfNotPresent" },
    { name: "side", image: "side:1", imagePullPolicy: "IfNotPresent" },
  ]);
  // The policy changed the object: it is asked once more.
  expect(created.body.spec.replicas).toBe(4);
  await remove("deployments");
});

test("a JSON patch changes what it names, and a failing test leaves the object as it is", async () => {
  await policy(
    "patches",
    "configmaps",
    [
      patch(`[JSONPatch{op: "add", path: "/metadata/labels", value: {}},
              JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "c"},
              JSONPatch{op: "add", path: "/data/copy", value: object.data.x}]`),
      patch(
        `[JSONPatch{op: "test", path: "/data/x", value: "none"}, JSONPatch{op: "remove", path: "/data/x"}]`,
      ),
    ],
    { reinvocationPolicy: "Never" },
  );
  const created = await createConfigMap("patched", { x: "y" });
  expect(created.body).toMatchObject({ metadata: { labels: { "a/b": "c" } }, data: { x: "y", copy: "y" } });
  await remove("patches");
});

test.each([
  [
    `Object{spec: Object.spec{a: 1}}`,
    "error applying patch: failed to convert patch object to typed object: .spec: field not declared in schema",
  ],
  [
    `Object{metadata: Object.wrong{labels: {"a": "b"}}}`,
    'type mismatch: unexpected type name "Object.wrong", expected "Object.metadata", which matches field name path from root Object type',
  ],
  [
    `Object{data: {"a": object.data.missing}}`,
    `expression 'Object{data: {"a": object.data.missing}}' resulted in error: no such key: missing`,
  ],
])("what cannot be made refuses the write: %s", async (expression, why) => {
  await policy("broken", "configmaps", [apply(expression)]);
  const refused = await createConfigMap("refused", { x: "y" });
  const message = `policy 'broken' with binding 'broken' denied request: ${why}`;
  expect(refused.body).toMatchObject({ message, code: 403, details: { causes: [{ message }] } });
  await remove("broken");
});

test("custom resources keep what another version does not know when a policy changes them in that version", async () => {
  const group = "two.example.com";
  const versionOf = (name: string, storage: boolean, field: string) => {
    const properties = { [field]: { type: "string" }, count: { type: "integer" } };
    const spec = { type: "object", properties };
    return {
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
    };
  };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `pairs.${group}` },
    spec: {
      group,
      scope: "Cluster",
      names: { plural: "pairs", kind: "Pair" },
      versions: [versionOf("v1", true, "one"), versionOf("v2", false, "two")],
    },
  };
  await api.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: definition });
  const url = `/apis/${group}/v1/pairs`;
  await eventually("it is served", 5000, async () => (await api.call("GET", url)).status === 200);
  const rule = { apiGroups: [group], apiVersions: ["v2"], resources: ["pairs"], operations: ["CREATE"] };
  const mutations = [
    apply("Object{spec: Object.spec{count: object.spec.count + 1}}"),
    patch(`[JSONPatch{op: "replace", path: "/spec/count", value: object.spec.count * 10},
            JSONPatch{op: "add", path: "/metadata/labels", value: {"seen": request.kind.version}}]`),
  ];
  const more = { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: "Never" };
  await policy("pairs", "pairs", mutations, more);
  const spec = { one: "kept", count: 1 };
  const body = { apiVersion: `${group}/v1`, kind: "Pair", metadata: { name: "a" }, spec };
  const created = await api.call("POST", url, { body });
  expect(created.body).toMatchObject({
    apiVersion: `${group}/v1`,
    metadata: { labels: { seen: "v2" } },
    spec: { one: "kept", count: 20 },
  });
  await remove("pairs");
});
