import { afterEach, expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import { type LevelLimits, PriorityLevel, type Release } from "./priority-level.ts";

const cleanups: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const { signal } = new AbortController();
const alone = { maySpare: () => false, freed: () => {} };

function limits(seats: number, more: Partial<LevelLimits> = {}): LevelLimits {
  return { seats, guaranteed: seats, mostSeats: seats, queueLimit: 100, flowQueueLimit: 50, ...more };
}

function open(seats: number, more: Partial<LevelLimits> = {}) {
  const clock = new FakeClock();
  const level: PriorityLevel = new PriorityLevel(
    "a",
    limits(seats, more),
    { ...alone, freed: () => level.serve() },
    clock,
  );
  const order: string[] = [];
  const enter = async (flow: string, width = 1, until = signal): Promise<Release | undefined> => {
    const release = await level.enter(flow, width, 1000, until);
    order.push(release === undefined ? `${flow} refused` : flow);
    return release;
  };
  return { level, clock, order, enter };
}

test("flows that wait are served in turn, however many requests one of them has", async () => {
  const { level, order, enter } = open(1);
  const first = await enter("flood");
  const waiting = ["flood", "flood", "flood", "other", "flood", "third"].map((flow) => enter(flow));
  expect(level.waiting).toBe(6);
  first?.();
  for (const one of [0, 3, 5, 1, 2, 4]) (await waiting[one])?.();
  expect(order).toEqual(["flood", "flood", "other", "third", "flood", "flood", "flood"]);
  expect(level.used).toBe(0);
});

test("who waits gives up after its time, when its client leaves, and at once where too many wait", async () => {
  const { level, clock, order, enter } = open(1, { flowQueueLimit: 2 });
  const first = await enter("a");
  const leaving = new AbortController();
  const late = enter("a");
  const left = enter("a", 1, leaving.signal);
  await enter("a");
  expect(order).toEqual(["a", "a refused"]);
  leaving.abort();
  await left;
  await clock.advance(1000);
  await late;
  expect(order).toEqual(["a", "a refused", "a refused", "a refused"]);
  expect([level.waiting, level.rejected]).toEqual([0, 3]);
  first?.();
  first?.();
  expect(level.used).toBe(0);
});

test("a request wider than its level has the level for itself", async () => {
  const { level, enter } = open(4);
  const wide = await enter("a", 10);
  const next = enter("a", 1);
  expect([level.used, level.waiting]).toEqual([10, 1]);
  wide?.();
  (await next)?.();
  expect(level.used).toBe(0);
});

const group = "/apis/flowcontrol.apiserver.k8s.io/v1";

/** Not an administrator, whose requests are exempt. */
const lister = { commonName: "system:kube-controller-manager", organizations: [] };

async function startServer(limited: object): Promise<TestApiServer> {
  const server = await TestApiServer.start();
  cleanups.push(() => server.close());
  const level = { metadata: { name: "narrow" }, spec: { type: "Limited", limited } };
  expect((await server.call("POST", `${group}/prioritylevelconfigurations`, { body: level })).status).toBe(
    201,
  );
  const subjects = [{ kind: "User", user: { name: lister.commonName } }];
  const resourceRules = [
    { verbs: ["list"], apiGroups: [""], resources: ["configmaps"], namespaces: ["*"], clusterScope: true },
  ];
  const schema = {
    metadata: { name: "lists" },
    spec: {
      priorityLevelConfiguration: { name: "narrow" },
      matchingPrecedence: 2,
      distinguisherMethod: { type: "ByUser" },
      rules: [{ subjects, resourceRules }],
    },
  };
  expect((await server.call("POST", `${group}/flowschemas`, { body: schema })).status).toBe(201);
  return server;
}

test("a request is told its flow schema and level, and other requests are not of it", async () => {
  const server = await startServer({ nominalConcurrencyShares: 1, limitResponse: { type: "Reject" } });
  const uid = async (path: string) => (await server.call("GET", `${group}/${path}`)).body.metadata.uid;
  const { headers } = await server.call("GET", "/api/v1/configmaps", { as: lister });
  expect(headers.get("x-kubernetes-pf-flowschema-uid")).toBe(await uid("flowschemas/lists"));
  expect(headers.get("x-kubernetes-pf-prioritylevel-uid")).toBe(
    await uid("prioritylevelconfigurations/narrow"),
  );
  const other = await server.call("GET", "/api/v1/secrets", { as: lister });
  expect(other.headers.get("x-kubernetes-pf-flowschema-uid")).not.toBe(await uid("flowschemas/lists"));
  const metrics = (await server.call("GET", "/metrics")).text;
  expect(metrics).toContain('apiserver_flowcontrol_current_executing_seats{priority_level="narrow"} 0');
});
