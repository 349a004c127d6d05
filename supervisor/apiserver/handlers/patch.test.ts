import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

const path = "/apis/apps/v1/namespaces/default/deployments/web";
const labels = { app: "web" };
const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } },
  },
};

let api: TestApiServer;

beforeAll(async () => {
  api = await TestApiServer.start();
  await api.call("POST", path.slice(0, path.lastIndexOf("/")), { body: deployment });
});
afterAll(() => api.close());

async function patch(type: "json" | "merge" | "strategic-merge", body: unknown, query = "") {
  const contentType = `application/${type}-patch+json`;
  const answer = await api.call("PATCH", path + query, { body, headers: { "content-type": contentType } });
  return { ...answer, said: [answer.status, answer.body.message] };
}

test("a patch that cannot be read is refused in upstream's words", async () => {
  const map = "Go value of type map[string]interface {}";
  expect((await patch("merge", "{")).said).toEqual([400, "invalid JSON patch"]);
  expect((await patch("json", "{}")).said).toEqual([
    400,
    "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
  ]);
  expect((await patch("merge", "[]")).said).toEqual([
    400,
    `error decoding patch: json: cannot unmarshal array into ${map}`,
  ]);
  expect((await patch("strategic-merge", "[]")).said).toEqual([
    400,
    `json: cannot unmarshal array into ${map}`,
  ]);
  const many = Array(10_001).fill({ op: "test", path: "/kind", value: "Deployment" });
  expect((await patch("json", many)).said).toEqual([
    413,
    "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
  ]);
  const failing = await patch("json", [{ op: "test", path: "/kind", value: "Pod" }]);
  expect(failing.body).toMatchObject({ code: 422, reason: "Invalid" });
  expect(failing.body.message).toBe("the server rejected our request due to an error in our request");
});

test("what a patch makes of an object has to be one", async () => {
  const field = "Go struct field DeploymentSpec.spec.replicas of type int32";
  const merged = await patch("merge", { spec: { replicas: "x" } });
  expect(merged.status).toBe(422);
  expect(merged.body.message).toStartWith(
    ' "" is invalid: patch: Invalid value: "{\\"kind\\":\\"Deployment\\"',
  );
  expect(merged.body.message).toEndWith(`: json: cannot unmarshal string into ${field}`);
  expect((await patch("strategic-merge", { spec: { replicas: "x" } })).said).toEqual([
    422,
    ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": unrecognized type: int32',
  ]);
  const renamed = await patch("merge", { metadata: { name: "other" } });
  expect(renamed.said).toEqual([
    400,
    "the name of the object (other) does not match the name on the URL (web)",
  ]);
});

test("a strategic merge patch does not change the kind, as clients count on that patch a scale in its owner's name", async () => {
  const wrong = { kind: "Pod", apiVersion: "v1", spec: { replicas: 1 } };
  const whole = await patch("strategic-merge", wrong);
  expect(whole.body).toMatchObject({ kind: "Deployment", apiVersion: "apps/v1", spec: { replicas: 1 } });
  const { body } = await api.call("PATCH", `${path}/scale`, {
    body: { kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 2 } },
    headers: { "content-type": "application/strategic-merge-patch+json" },
  });
  expect(body).toMatchObject({ kind: "Scale", apiVersion: "autoscaling/v1", spec: { replicas: 2 } });
  expect((await patch("merge", wrong)).status).toBe(422);
});

test("unknown and repeated fields of a patch are told of, or refused", async () => {
  const unknown = { spec: { nope: 1 } };
  const warned = await patch("strategic-merge", unknown);
  expect(warned.status).toBe(200);
  expect(warned.headers.get("warning")).toBe('299 - "unknown field \\"spec.nope\\""');
  expect((await patch("strategic-merge", unknown, "?fieldValidation=Strict")).said).toEqual([
    422,
    ' "" is invalid: patch: Invalid value: "map[spec:map[nope:1]]": strict decoding error: unknown field "spec.nope"',
  ]);
  const twice = await patch("merge", '{"spec":{"replicas":1,"replicas":2}}');
  expect(twice.headers.get("warning")).toBe('299 - "duplicate field \\"spec.replicas\\""');
  expect(twice.body.spec.replicas).toBe(2);
  const operation = await patch("json", [{ op: "replace", path: "/spec/replicas", value: 3, why: "x" }]);
  expect(operation.headers.get("warning")).toBe('299 - "json patch unknown field \\"[0].why\\""');
});

test("a patch that changes nothing stores nothing", async () => {
  const before = await api.call("GET", path);
  for (const body of [{ spec: { replicas: before.body.spec.replicas } }, { metadata: { labels: null } }]) {
    const after = await patch("strategic-merge", body);
    expect(after.body.metadata.resourceVersion).toBe(before.body.metadata.resourceVersion);
  }
});

test("owners that are given twice are taken once", async () => {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "u-1" };
  const body = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "owned", ownerReferences: [owner, { ...owner }] },
  };
  const path = "/api/v1/namespaces/default/configmaps";
  const created = await api.call("POST", path, { body });
  expect(created.body.metadata.ownerReferences).toEqual([owner]);
  expect(created.headers.get("warning")).toContain("duplicate UID(s) observed: u-1");
  const headers = { "content-type": "application/json-patch+json" };
  const add = [{ op: "add", path: "/metadata/ownerReferences/-", value: owner }];
  const patched = await api.call("PATCH", `${path}/owned`, { body: add, headers });
  expect(patched.body.metadata.ownerReferences).toEqual([owner]);
  expect(patched.headers.get("warning")).toContain("after mutating admission happens");
});

test("a JSON patch of an object's managers leaves those of an object made alike as they are", async () => {
  const collection = path.slice(0, path.lastIndexOf("/"));
  for (const name of ["first", "second"])
    await api.call("POST", collection, { body: { ...deployment, metadata: { name } } });
  const sets = async (name: string): Promise<string[]> => {
    const { body } = await api.call("GET", `${collection}/${name}`);
    return body.metadata.managedFields.map(({ fieldsV1 }: { fieldsV1: object }) => JSON.stringify(fieldsV1));
  };
  const before = await sets("second");
  expect(await sets("first")).toEqual(before);
  const answer = await api.call("PATCH", `${collection}/first`, {
    body: [{ op: "remove", path: "/metadata/managedFields/0/fieldsV1/f:spec/f:selector" }],
    headers: { "content-type": "application/json-patch+json" },
  });
  expect(answer.status).toBe(200);
  expect((await sets("first")).join()).not.toContain("f:selector");
  expect(await sets("second")).toEqual(before);
});
