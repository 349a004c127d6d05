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
  const headers = { accept: "application/vnd.kubernetes.protobuf" };
  expect((await server.call("GET", "/api", { headers })).text).toStartWith("k8s\0");
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

test("the aggregated document is not sent again to those who have it", async () => {
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const { headers } = await server.call("GET", "/apis", { headers: { accept } });
  expect([headers.get("cache-control"), headers.get("vary")]).toEqual(["public", "Accept"]);
  const etag = headers.get("etag") ?? "";
  const again = await server.call("GET", "/apis", { headers: { accept, "if-none-match": etag } });
  expect(again.status).toBe(304);
});

test("resources tell what they are in the same words as upstream", async () => {
  const { body } = await server.call("GET", "/apis/apps/v1");
  const entries = body.resources.filter(({ name }: Entry) => name.startsWith("deployments"));
  expect(entries).toEqual([
    {
      name: "deployments",
      singularName: "deployment",
      namespaced: true,
      kind: "Deployment",
      verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      shortNames: ["deploy"],
      categories: ["all"],
      storageVersionHash: "8aSe+NMegvE=",
    },
    {
      name: "deployments/scale",
      singularName: "",
      namespaced: true,
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    },
    {
      name: "deployments/status",
      singularName: "",
      namespaced: true,
      kind: "Deployment",
      verbs: ["get", "patch", "update"],
    },
  ]);
  const { body: core } = await server.call("GET", "/api/v1");
  expect(core.resources.find(({ name }: Entry) => name === "pods/eviction")).toEqual({
    name: "pods/eviction",
    singularName: "",
    namespaced: true,
    group: "policy",
    version: "v1",
    kind: "Eviction",
    verbs: ["create"],
  });
  const { body: autoscaling } = await server.call("GET", "/apis/autoscaling");
  expect(autoscaling.preferredVersion.version).toBe("v2");
});

test("paths are the same with a slash at their end, and the root lists them", async () => {
  for (const path of ["/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/version"]) {
    const [one, other] = await Promise.all([server.call("GET", path), server.call("GET", `${path}/`)]);
    expect([other.status, other.text]).toEqual([200, one.text]);
  }
  const { body } = await server.call("GET", "/");
  expect(body.paths).toEqual(
    expect.arrayContaining(["/api", "/api/v1", "/apis", "/apis/apps/v1", "/version"]),
  );
});

test("readiness names what is wrong, and leaves out what it is told to", async () => {
  const failed = await server.call("GET", "/readyz");
  expect(failed.status).toBe(500);
  expect(failed.text).toBe(
    "[+]ping ok\n[+]etcd ok\n[+]poststarthook/start-apiserver ok\n[-]broken failed: reason withheld\nreadyz check failed\n",
  );
  expect((await server.call("GET", "/readyz?exclude=broken")).text).toBe("ok");
  expect((await server.call("GET", "/livez/ping")).text).toBe("ok");
  expect((await server.call("GET", "/livez/none")).status).toBe(404);
});
