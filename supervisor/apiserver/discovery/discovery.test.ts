import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start({
    healthChecks: [{ name: "broken", check: () => Promise.reject(new Error("x")) }],
  });
});

afterAll(() => server.close());

interface Entry {
  readonly name: string;
  readonly verbs: readonly string[];
}

test("the old documents list groups, versions and resources", async () => {
  expect((await server.call("GET", "/api")).body.versions).toEqual(["v1"]);
  const { body: groups } = await server.call("GET", "/apis");
  expect(groups.groups.map((group: { name: string }) => group.name)).toContain("coordination.k8s.io");
  const { body } = await server.call("GET", "/api/v1");
  const entries: readonly Entry[] = body.resources;
  const names = entries.map(({ name }) => name);
  expect(names).toContain("pods");
  expect(names).toContain("pods/binding");
  expect(entries.find(({ name }) => name === "namespaces")?.verbs).not.toContain("deletecollection");
  expect(entries.find(({ name }) => name === "pods/exec")?.verbs).toEqual(["create", "get"]);
  expect((await server.call("GET", "/apis/events.k8s.io")).body.preferredVersion.version).toBe("v1");
  expect((await server.call("GET", "/apis/none.example.com/v1")).status).toBe(404);
});

test("the aggregated document has all of it at once", async () => {
  const accept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
  const core = await server.call("GET", "/api", { headers: { accept } });
  expect(core.headers.get("content-type")).toBe(
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  );
  expect(core.body).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
  const [{ versions }] = core.body.items;
  const pods = versions[0].resources.find((entry: { resource: string }) => entry.resource === "pods");
  expect(pods).toMatchObject({ scope: "Namespaced", shortNames: ["po"], responseKind: { kind: "Pod" } });
  const groups = await server.call("GET", "/apis", { headers: { accept } });
  expect(groups.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toContain(
    "events.k8s.io",
  );
});

test("OpenAPI says that the server validates fields, and how lists merge", async () => {
  const { body } = await server.call("GET", "/openapi/v3");
  const { serverRelativeURL } = body.paths["api/v1"];
  const { body: document } = await server.call("GET", serverRelativeURL);
  const patch = document.paths["/api/v1/namespaces/{namespace}/pods/{name}"].patch;
  expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toContain("fieldValidation");
  expect(patch["x-kubernetes-group-version-kind"]).toEqual({ group: "", version: "v1", kind: "Pod" });
  expect(document.components.schemas["v1.PodSpec"].properties.containers).toMatchObject({
    "x-kubernetes-patch-merge-key": "name",
  });
});

test("OpenAPI v2 knows no model, so that clients leave validation to the server", async () => {
  const { body } = await server.call("GET", "/openapi/v2");
  expect(body).toMatchObject({ swagger: "2.0", paths: {} });
  const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const answer = await server.call("GET", "/openapi/v2", { headers: { accept } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe(
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
  );
  expect(answer.text.slice(0, 5)).toBe("\n\x032.0");
});

test("readiness names what is wrong, and leaves out what it is told to", async () => {
  const failed = await server.call("GET", "/readyz");
  expect(failed.status).toBe(500);
  expect(failed.text).toBe(
    "[+]ping ok\n[+]storage ok\n[+]poststarthook/start-apiserver ok\n[-]broken failed: reason withheld\nreadyz check failed\n",
  );
  expect((await server.call("GET", "/readyz?exclude=broken")).text).toBe("ok");
  expect((await server.call("GET", "/livez/ping")).text).toBe("ok");
  expect((await server.call("GET", "/livez/none")).status).toBe(404);
});
