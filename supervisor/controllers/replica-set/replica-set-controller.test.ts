import { afterAll, beforeAll, expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";
import type { V1Pod, V1ReplicaSet } from "../../api/generated/types.ts";

let plane: ControlPlane;
const core = "/api/v1/namespaces/default";
const sets = "/apis/apps/v1/namespaces/default/replicasets";
const merge = { "content-type": "application/merge-patch+json" };

beforeAll(async () => {
  plane = await ControlPlane.start();
  await waitUntil(
    async () => (await plane.api.call("GET", `${core}/serviceaccounts/default`)).status === 200,
  );
});

afterAll(() => plane[Symbol.asyncDispose]());

async function make<T>(path: string, body: object): Promise<T> {
  const answer = await plane.api.call("POST", path, { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

async function patch(path: string, body: object): Promise<void> {
  const answer = await plane.api.call("PATCH", path, { body, headers: merge });
  if (answer.status !== 200) throw new Error(answer.text);
}

function replicaSet(name: string, replicas: number, extra: object = {}): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
  return { metadata: { name }, spec: { replicas, selector: { matchLabels: labels }, template, ...extra } };
}

async function setOf(name: string): Promise<V1ReplicaSet> {
  return (await plane.api.call("GET", `${sets}/${name}`)).body;
}

/** The Pods with a label. */
async function podsOf(app: string): Promise<readonly V1Pod[]> {
  return (await plane.api.call("GET", `${core}/pods?labelSelector=app%3D${app}`)).body.items;
}

async function makeReady(pod: V1Pod, readyAt = new Date().toISOString()): Promise<void> {
  const lastTransitionTime = `${readyAt.slice(0, 19)}Z`;
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime }];
  await patch(`${core}/pods/${pod.metadata?.name}/status`, { status: { phase: "Running", conditions } });
}

async function eventsOf(name: string): Promise<readonly string[]> {
  const selector = encodeURIComponent(`involvedObject.name=${name}`);
  const { items } = (await plane.api.call("GET", `${core}/events?fieldSelector=${selector}`)).body;
  return items.map(
    ({ reason, message, source }: { reason: string; message: string; source: { component: string } }) =>
      `${source.component} ${reason}: ${message}`,
  );
}

test("a ReplicaSet has as many Pods as it wants and tells how far they are", async () => {
  await make(sets, replicaSet("web", 3));
  await waitUntil(async () => (await setOf("web")).status?.replicas === 3);
  const pods = await podsOf("web");
  expect(pods).toHaveLength(3);
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", controller: true };
  expect(pods[0]?.metadata).toMatchObject({
    generateName: "web-",
    ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
  });
  await Promise.all(pods.slice(0, 2).map((pod) => makeReady(pod)));
  await waitUntil(async () => (await setOf("web")).status?.availableReplicas === 2);
  expect((await setOf("web")).status).toEqual({
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    terminatingReplicas: 0,
    observedGeneration: 1,
  });
  const unready = pods[2]?.metadata?.name ?? "";
  await patch(`${sets}/web`, { spec: { replicas: 2 } });
  await waitUntil(async () => (await podsOf("web")).length === 2);
  await waitUntil(async () => (await setOf("web")).status?.observedGeneration === 2);
  await waitUntil(async () =>
    (await eventsOf("web")).includes(`replicaset-controller SuccessfulDelete: Deleted pod: ${unready}`),
  );
  const created = `replicaset-controller SuccessfulCreate: Created pod: ${pods[0]?.metadata?.name}`;
  expect(await eventsOf("web")).toContain(created);
  await plane.api.call("DELETE", `${core}/pods/${pods[0]?.metadata?.name}`);
  await waitUntil(async () => (await setOf("web")).status?.availableReplicas === 1);
  await waitUntil(async () => (await podsOf("web")).length === 2);
});

test("a Pod counts as available after minReadySeconds, without another event", async () => {
  await make(sets, replicaSet("slow", 1, { minReadySeconds: 3600 }));
  const [pod] = await waitUntil(async () => {
    const found = await podsOf("slow");
    return found.length === 1 && found;
  });
  if (pod === undefined) throw new Error("There is no Pod");
  await makeReady(pod, new Date(Date.now() + 1000 - 3_600_000).toISOString());
  await waitUntil(async () => (await setOf("slow")).status?.readyReplicas === 1);
  await waitUntil(async () => (await setOf("slow")).status?.availableReplicas === 1);
});

test("a ReplicaSet adopts Pods that it selects and releases those that it does not", async () => {
  const spec = { containers: [{ name: "c", image: "i" }] };
  await make(`${core}/pods`, { metadata: { name: "orphan", labels: { app: "kin" } }, spec });
  await make(sets, replicaSet("kin", 2));
  await waitUntil(async () => (await setOf("kin")).status?.replicas === 2);
  const pods = await podsOf("kin");
  expect(pods).toHaveLength(2);
  expect(pods.every(({ metadata }) => metadata?.ownerReferences?.[0]?.name === "kin")).toBe(true);
  await patch(`${core}/pods/orphan`, { metadata: { labels: { app: "free" } } });
  await waitUntil(async () =>
    (await podsOf("free")).every(({ metadata }) => !metadata?.ownerReferences?.length),
  );
  await waitUntil(async () => (await podsOf("kin")).length === 2);
});

test("a ReplicaSet that waits for its dependents makes no more of them", async () => {
  await make(sets, replicaSet("end", 2));
  await waitUntil(async () => (await setOf("end")).status?.replicas === 2);
  const body = { propagationPolicy: "Foreground" };
  await plane.api.call("DELETE", `${sets}/end`, { body });
  await waitUntil(async () => (await plane.api.call("GET", `${sets}/end`)).status === 404);
  expect(await podsOf("end")).toEqual([]);
});

test("what a quota refuses is a condition until it fits", async () => {
  const controllers = `${core}/replicationcontrollers`;
  const quota = await make<{ metadata: { name: string } }>(`${core}/resourcequotas`, {
    metadata: { name: "few" },
    spec: { hard: { "count/configmaps": "9", pods: "20" } },
  });
  const path = `${core}/resourcequotas/${quota.metadata.name}`;
  await waitUntil(async () => {
    const { status } = (await plane.api.call("GET", path)).body;
    return status?.used?.pods !== undefined;
  });
  const template = { metadata: { labels: { app: "rc" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  await make(controllers, { metadata: { name: "rc" }, spec: { replicas: 50, template } });
  const rc = async () => (await plane.api.call("GET", `${controllers}/rc`)).body;
  const failed = await waitUntil(async () => (await rc()).status?.conditions?.[0]);
  expect(failed).toMatchObject({ type: "ReplicaFailure", status: "True", reason: "FailedCreate" });
  expect(failed.message).toMatch(/^pods "rc-\w{5}" is forbidden: exceeded quota: few, /);
  await waitUntil(async () =>
    (await eventsOf("rc")).some((text) =>
      text.startsWith("replication-controller FailedCreate: Error creating: pods"),
    ),
  );
  await patch(`${controllers}/rc`, { spec: { replicas: 1 } });
  await waitUntil(async () => (await rc()).status?.conditions === undefined);
  await waitUntil(async () => (await rc()).status?.replicas === 1);
  expect((await rc()).status).not.toHaveProperty("terminatingReplicas");
});
