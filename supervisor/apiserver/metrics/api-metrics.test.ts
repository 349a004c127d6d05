import { afterEach, beforeEach, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

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
