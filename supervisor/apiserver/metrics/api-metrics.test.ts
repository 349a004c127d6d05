import { afterEach, beforeEach, expect, test } from "bun:test";
import { admin, TestApiServer } from "../../../test/framework/test-api-server.ts";
import { MetricsRegistry } from "../../base/metrics/metrics-registry.ts";
import { resourceDefinitions } from "../../registry/resource-definitions.ts";
import { requestInfo } from "../request-info.ts";
import { ResourceIndex } from "../resource-index.ts";
import { ApiMetrics } from "./api-metrics.ts";

let server: TestApiServer;

beforeEach(async () => {
  server = await TestApiServer.start();
});

afterEach(() => server.close());

/** The values of the series whose line begins with this text, by the rest of their labels. */
async function values(start: string): Promise<Record<string, number>> {
  const { text } = await server.call("GET", "/metrics");
  const lines = text.split("\n").filter((line) => line.startsWith(start));
  return Object.fromEntries(
    lines.map((line) => [line.slice(start.length, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]),
  );
}

test("requests are counted by resource, verb, scope and code, also those that are refused", async () => {
  const path = "/api/v1/namespaces/default/configmaps";
  const body = { metadata: { name: "a" } };
  await server.call("POST", path, { body });
  await server.call("POST", path, { body });
  await server.call("GET", path);
  await server.call("GET", "/api/v1/configmaps", { as: { commonName: "nobody", organizations: [] } });
  const start = 'apiserver_request_total{component="apiserver",group="",resource="configmaps",';
  expect(await values(start)).toEqual({
    'scope="resource",subresource="",version="v1",verb="POST",code="201"}': 1,
    'scope="resource",subresource="",version="v1",verb="POST",code="409"}': 1,
    'scope="namespace",subresource="",version="v1",verb="LIST",code="200"}': 1,
    'scope="cluster",subresource="",version="v1",verb="LIST",code="403"}': 1,
  });
  expect(await values('apiserver_resource_objects{group="",resource="configmaps"')).toEqual({ "}": 1 });
  const seconds =
    'apiserver_request_duration_seconds_count{component="apiserver",group="",resource="configmaps",';
  expect(await values(seconds)).toMatchObject({
    'scope="resource",subresource="",version="v1",verb="POST"}': 2,
  });
});

test("names that clients make up have one series for all of them", async () => {
  for (const name of ["a", "b"]) {
    await server.call("GET", `/apis/made.up/v1/${name}`);
    await server.call("GET", `/${name}`);
  }
  const all = await values("apiserver_request_total");
  expect(Object.entries(all).filter(([labels]) => labels.includes('code="404"'))).toEqual([
    [
      '{component="apiserver",group="",resource="",scope="",subresource="",version="",verb="LIST",code="404"}',
      2,
    ],
    [
      '{component="apiserver",group="",resource="",scope="",subresource="",version="",verb="GET",code="404"}',
      2,
    ],
  ]);
});

test("open watches and their events are counted", async () => {
  const response = await server.fetch("GET", "/api/v1/namespaces/default/configmaps?watch=true");
  await server.call("POST", "/api/v1/namespaces/default/configmaps", { body: { metadata: { name: "a" } } });
  const open = 'apiserver_longrunning_requests{component="apiserver",group="",resource="configmaps",';
  expect(Object.values(await values(open))).toContain(1);
  expect(await values("apiserver_watch_events_total")).toEqual({
    '{group="",version="v1",resource="configmaps"}': 1,
  });
  await response.body?.cancel();
  expect(Object.values(await values(open))).not.toContain(1);
});

test("the page is packed for those who take it so, once it is long", async () => {
  const { body } = await server.call("GET", "/api/v1");
  const names: string[] = body.resources.map(({ name }: { name: string }) => name);
  const paths = names.filter((name) => !name.includes("/")).map((name) => `/api/v1/${name}`);
  for (const path of paths) {
    await server.call("GET", path);
    await server.call("GET", `${path}/none`);
    await server.call("DELETE", `${path}/none`);
  }
  const answer = await server.call("GET", "/metrics", { headers: { "accept-encoding": "gzip" } });
  expect(answer.headers.get("content-encoding")).toBe("gzip");
});

test("objectives are measured without what a request waits for others, and without what is only tried", async () => {
  const registry = new MetricsRegistry();
  const index = new ResourceIndex(resourceDefinitions, server.backend);
  const metrics = new ApiMetrics(registry, index, server.backend);
  const begin = (query: string) => {
    const info = requestInfo("POST", `https://x/api/v1/namespaces/default/configmaps${query}`);
    return { info, end: metrics.begin(info) };
  };
  const waiting = begin("");
  metrics.waited(waiting.info, 20_000);
  metrics.waited(waiting.info, 20_000);
  waiting.end(201);
  begin("?dryRun=All").end(201);
  const text = await registry.text();
  const labels =
    'component="apiserver",group="",resource="configmaps",scope="resource",subresource="",version="v1",verb="POST"';
  expect(text).toContain("# TYPE apiserver_request_sli_duration_seconds histogram\n");
  expect(text).toContain(`\napiserver_request_sli_duration_seconds_bucket{${labels},le="0.05"} 1\n`);
  expect(text).toContain(`\napiserver_request_sli_duration_seconds_sum{${labels}} 0\n`);
  expect(text).toContain(`\napiserver_request_duration_seconds_count{${labels}} 2\n`);
  expect(text).not.toContain('apiserver_request_sli_duration_seconds_bucket{le="0.025"');
});

test("deprecated APIs that are requested are named", async () => {
  expect(await values("apiserver_requested_deprecated_apis")).toEqual({});
  await server.call("GET", "/api/v1/namespaces/default/endpoints/none");
  expect(await values("apiserver_requested_deprecated_apis")).toEqual({
    '{group="",version="v1",resource="endpoints",subresource="",removed_release=""}': 1,
  });
});

test("client certificates are counted by how long they are still good", async () => {
  const start = "apiserver_client_certificate_expiration_seconds_";
  await server.call("GET", "/version", { as: { ...admin, expiresMs: Date.now() + 90 * 60_000 } });
  expect(await values(start)).toMatchObject({
    'bucket{le="1800"}': 0,
    'bucket{le="3600"}': 0,
    'bucket{le="7200"}': 1,
    'bucket{le="31104000"}': 1,
    count: 1,
  });
});
