import { afterEach, beforeEach, expect, test } from "bun:test";
import { eventually } from "../../../test/framework/eventually.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

const path = "/api/v1/namespaces/default/events";
let server: TestApiServer;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  server = await TestApiServer.start({ clock });
});

afterEach(() => server.close());

function event(name: string) {
  const involvedObject = { kind: "Pod", namespace: "default", name: "web" };
  const source = { component: "kubelet", host: "n1" };
  return {
    metadata: { name },
    involvedObject,
    reason: "Started",
    message: "Started container",
    type: "Normal",
    source,
  };
}

async function names(): Promise<string[]> {
  const { body } = await server.call("GET", path);
  return body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
}

async function settle(wanted: readonly string[]): Promise<void> {
  await eventually(`the events are ${wanted}`, 30_000, async () => String(await names()) === String(wanted));
}

test("an event goes an hour after its last write", async () => {
  await server.call("POST", path, { body: event("a") });
  await settle(["a"]);
  await clock.advance(30 * 60_000);
  await server.call("POST", path, { body: event("b") });
  const headers = { "content-type": "application/merge-patch+json" };
  await server.call("PATCH", `${path}/b`, { body: { count: 2 }, headers });
  await settle(["a", "b"]);
  await clock.advance(31 * 60_000);
  await settle(["b"]);
  await clock.advance(30 * 60_000);
  await settle([]);
});

test("events are read in both of their forms, and told by their fields", async () => {
  await server.call("POST", path, { body: event("a") });
  const { body } = await server.call("GET", "/apis/events.k8s.io/v1/namespaces/default/events/a");
  expect(body).toMatchObject({
    kind: "Event",
    apiVersion: "events.k8s.io/v1",
    metadata: { name: "a" },
    regarding: { kind: "Pod", name: "web" },
    note: "Started container",
    deprecatedSource: { component: "kubelet" },
  });
  const selector = "fieldSelector=involvedObject.name%3Dweb,type%3DNormal,source%3Dkubelet";
  expect((await server.call("GET", `${path}?${selector}`)).body.items).toHaveLength(1);
  expect((await server.call("GET", `${path}?fieldSelector=involvedObject.name%3Dx`)).body.items).toHaveLength(
    0,
  );
  const created = await server.call("POST", "/apis/events.k8s.io/v1/namespaces/default/events", {
    body: {
      metadata: { name: "b" },
      eventTime: "2026-01-31T12:00:00.000000Z",
      reportingController: "example.com/c",
      reportingInstance: "c-0",
      action: "Bind",
      reason: "Bound",
      type: "Normal",
      regarding: { kind: "Pod", namespace: "default", name: "web" },
    },
  });
  expect(created.status).toBe(201);
  expect((await server.call("GET", `${path}/b`)).body).toMatchObject({
    apiVersion: "v1",
    involvedObject: { name: "web" },
    reportingComponent: "example.com/c",
  });
  const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
  const table = await server.call("GET", path, { headers: { accept } });
  expect(table.body.rows[0].cells.slice(1, 4)).toEqual(["Normal", "Started", "pod/web"]);
});
