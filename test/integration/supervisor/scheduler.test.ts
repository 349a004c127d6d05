import { afterAll, beforeAll, expect, test } from "bun:test";
import type { CoreV1Event, V1Node, V1Pod } from "../../../supervisor/api/generated/types.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import type { ResourceClient } from "../../../supervisor/client/types.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

let supervisor: TestSupervisor;
let nodes: ResourceClient<V1Node>;
let pods: ResourceClient<V1Pod>;

beforeAll(async () => {
  supervisor = await startTestSupervisor({
    disabled: ["node-lifecycle-controller", "pod-garbage-collector-controller"],
  });
  nodes = supervisor.admin.resource<V1Node>(resources.nodes);
  pods = supervisor.admin.resource<V1Pod>(resources.pods, "default");
  await waitUntil(() =>
    supervisor.admin
      .resource(resources.serviceAccounts, "default")
      .get("default")
      .catch(() => undefined),
  );
});

afterAll(() => supervisor.stop());

async function addNode(name: string, cpu: string): Promise<void> {
  await nodes.create({ apiVersion: "v1", kind: "Node", metadata: { name } });
  const status = {
    allocatable: { cpu, memory: "4Gi", pods: "110" },
    capacity: { cpu, memory: "4Gi", pods: "110" },
    conditions: [{ type: "Ready", status: "True" }],
  };
  await nodes.patch(name, { status }, "application/merge-patch+json", "status");
  // A new Node is tainted until the node controller sees that it is ready, which does not run here.
  await nodes.patch(name, { spec: { taints: null } }, "application/merge-patch+json");
}

async function addPod(name: string, cpu: string): Promise<void> {
  await pods.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "demo", resources: { requests: { cpu } } }] },
  });
}

async function nodeOf(name: string): Promise<string | undefined> {
  return (await pods.get(name)).spec?.nodeName;
}

async function scheduledCondition(name: string) {
  return (await pods.get(name)).status?.conditions?.find(({ type }) => type === "PodScheduled");
}

test("a Pod without a node waits with kube-scheduler's condition and event, and goes when one comes", async () => {
  await addPod("first", "1");
  const condition = await waitUntil(() => scheduledCondition("first"));
  expect(condition).toMatchObject({
    status: "False",
    reason: "Unschedulable",
    message: "no nodes available to schedule pods",
  });
  await addNode("a", "2");
  expect(await waitUntil(() => nodeOf("first"))).toBe("a");
  expect((await scheduledCondition("first"))?.status).toBe("True");
  const events = supervisor.admin.resource<CoreV1Event>(
    { group: "", version: "v1", resource: "events" },
    "default",
  );
  const found = await waitUntil(async () => {
    const { items } = await events.list({ fieldSelector: "involvedObject.name=first" });
    return items.length === 2 && items;
  });
  expect(found.map(({ reason, message, type }) => [type, reason, message])).toEqual(
    expect.arrayContaining([
      ["Warning", "FailedScheduling", "no nodes available to schedule pods"],
      ["Normal", "Scheduled", "Successfully assigned default/first to a"],
    ]),
  );
  expect(found[0]?.source?.component).toBe("default-scheduler");
});

test("nodes are not filled beyond what they have, however fast Pods come, and a freed place is used", async () => {
  await addNode("b", "2");
  await Promise.all(Array.from({ length: 6 }, (_, index) => addPod(`many-${index}`, "500m")));
  const placed = await waitUntil(async () => {
    const all = await Promise.all(Array.from({ length: 6 }, (_, index) => nodeOf(`many-${index}`)));
    return all.every(Boolean) && all;
  });
  // "a" has one CPU left beside the first Pod: two of these; "b" has room for four.
  expect(placed.filter((name) => name === "a").length).toBe(2);
  expect(placed.filter((name) => name === "b").length).toBe(4);
  await addPod("late", "1");
  const condition = await waitUntil(() => scheduledCondition("late"));
  expect(condition.message).toBe("0/2 nodes are available: 2 Insufficient cpu.");
  await pods.delete("first", { gracePeriodSeconds: 0 });
  expect(await waitUntil(() => nodeOf("late"))).toBe("a");
});

test("a cordoned node takes no Pod until it is uncordoned", async () => {
  for (const name of ["a", "b"]) {
    await nodes.patch(name, { spec: { unschedulable: true } }, "application/merge-patch+json");
  }
  // The scheduler may hear of a Pod before it hears of the nodes.
  let tries = 0;
  const [patient, condition] = await waitUntil(async () => {
    const name = `patient-${tries++}`;
    await addPod(name, "0");
    const condition = await waitUntil(() => scheduledCondition(name));
    return condition.status === "False" ? ([name, condition] as const) : undefined;
  });
  expect(condition.message).toBe("0/2 nodes are available: 2 node(s) were unschedulable.");
  await nodes.patch("b", { spec: { unschedulable: null } }, "application/merge-patch+json");
  expect(await waitUntil(() => nodeOf(patient))).toBe("b");
});

test("a Pod with a scheduling gate or of another scheduler is left alone", async () => {
  const spec = { containers: [{ name: "c", image: "demo" }] };
  const make = (name: string, more: object) =>
    pods.create({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { ...spec, ...more } });
  await make("gated", { schedulingGates: [{ name: "example.com/wait" }] });
  await make("foreign", { schedulerName: "other" });
  await addPod("witness", "0");
  await waitUntil(() => nodeOf("witness"));
  expect(await nodeOf("gated")).toBeUndefined();
  expect(await nodeOf("foreign")).toBeUndefined();
  await pods.patch("gated", { spec: { schedulingGates: null } }, "application/merge-patch+json");
  expect(await waitUntil(() => nodeOf("gated"))).toBeDefined();
});
