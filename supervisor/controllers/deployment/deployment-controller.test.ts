import { afterAll, beforeAll, expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { playPods } from "../../../test/framework/pod-players.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";
import type { CoreV1Event, V1Deployment, V1Pod, V1ReplicaSet } from "../../api/generated/types.ts";
import { resources } from "../../client/resources.ts";
import { deploymentResource } from "./deployment-queue.ts";
import { templateHash } from "./template-hash.ts";

let plane: ControlPlane;
const stop = new AbortController();
let playing: Promise<void>;
/** Pods of this image never become Ready, and do not end either. */
const stuckImage = "stuck";

const client = {
  deployments: () => plane.client.resource<V1Deployment>(deploymentResource, "default"),
  sets: () => plane.client.resource<V1ReplicaSet>(resources.replicaSets, "default"),
  pods: () => plane.client.resource<V1Pod>(resources.pods, "default"),
};

beforeAll(async () => {
  plane = await ControlPlane.start();
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await waitUntil(async () => (await plane.api.call("GET", account)).status === 200);
  playing = playPods(plane.client, stop.signal, ({ spec }) => spec?.containers[0]?.image === stuckImage);
});

afterAll(async () => {
  stop.abort();
  await playing;
  await plane[Symbol.asyncDispose]();
});

function template(name: string, image: string) {
  return { metadata: { labels: { app: name } }, spec: { containers: [{ name: "c", image }] } };
}

async function make(name: string, replicas: number, extra: object = {}): Promise<void> {
  await client.deployments().create({
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, "one"), ...extra },
  });
}

async function change(name: string, spec: object): Promise<void> {
  await client.deployments().patch(name, { spec }, "application/merge-patch+json");
}

async function setsOf(name: string): Promise<readonly V1ReplicaSet[]> {
  const { items } = await client.sets().list({ labelSelector: `app=${name}` });
  return items;
}

async function setOf(name: string, image: string): Promise<V1ReplicaSet | undefined> {
  return (await setsOf(name)).find(({ spec }) => spec?.template?.spec?.containers[0]?.image === image);
}

/** Waits until the Deployment's rollout is over; returns it. */
async function done(name: string): Promise<V1Deployment> {
  return await waitUntil(async () => {
    const deployment = await client.deployments().get(name);
    const { spec, status = {}, metadata } = deployment;
    const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
    const isSeen = (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
    const counts = [replicas, updatedReplicas, availableReplicas];
    return isSeen && counts.every((count) => count === spec?.replicas) && deployment;
  });
}

async function scalings(name: string): Promise<readonly string[]> {
  const events = plane.client.resource<CoreV1Event>({ ...resources.pods, resource: "events" }, "default");
  const { items } = await events.list({ fieldSelector: `involvedObject.name=${name}` });
  return items.filter(({ reason }) => reason === "ScalingReplicaSet").map(({ message }) => message ?? "");
}

test("a Deployment rolls its template out, and another one after it, and back", async () => {
  await make("web", 3);
  const first = await done("web");
  const hash = templateHash(first.spec?.template ?? {});
  expect(first.metadata?.annotations).toEqual({ "deployment.kubernetes.io/revision": "1" });
  const [set] = await setsOf("web");
  expect(set?.metadata).toMatchObject({
    name: `web-${hash}`,
    labels: { app: "web", "pod-template-hash": hash },
    annotations: {
      "deployment.kubernetes.io/revision": "1",
      "deployment.kubernetes.io/desired-replicas": "3",
      "deployment.kubernetes.io/max-replicas": "4",
    },
    ownerReferences: [{ kind: "Deployment", name: "web", controller: true }],
  });
  expect(set?.spec?.selector).toEqual({ matchLabels: { app: "web", "pod-template-hash": hash } });
  await waitUntil(async () => {
    const { status } = await client.deployments().get("web");
    return status?.conditions?.some(({ reason }) => reason === "NewReplicaSetAvailable");
  });
  const { status } = await client.deployments().get("web");
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 });
  expect(status).not.toHaveProperty("unavailableReplicas");
  const conditions = status?.conditions?.map(({ type, status: is, reason, message }) => {
    return `${type} ${is} ${reason}: ${message}`;
  });
  expect(conditions).toEqual([
    "Available True MinimumReplicasAvailable: Deployment has minimum availability.",
    `Progressing True NewReplicaSetAvailable: ReplicaSet "web-${hash}" has successfully progressed.`,
  ]);

  await change("web", { template: template("web", "two") });
  await waitUntil(async () => (await setOf("web", "two")) !== undefined);
  await done("web");
  await waitUntil(async () => (await setOf("web", "one"))?.spec?.replicas === 0);
  await change("web", { template: template("web", "one") });
  await waitUntil(async () => (await setOf("web", "one"))?.spec?.replicas === 3);
  await done("web");
  const annotations = (await setOf("web", "one"))?.metadata?.annotations;
  expect(annotations).toMatchObject({
    "deployment.kubernetes.io/revision": "3",
    "deployment.kubernetes.io/revision-history": "1",
  });
  const scaled = await scalings("web");
  const second = (await setOf("web", "two"))?.metadata?.name;
  expect(scaled).toContain(`Scaled up replica set web-${hash} from 0 to 3`);
  expect(scaled).toContain(`Scaled up replica set ${second} from 0 to 1`);
  expect(scaled).toContain(`Scaled down replica set web-${hash} from 3 to 2`);
});

test("a paused Deployment scales, but rolls nothing out until it goes on; old revisions go", async () => {
  await make("pause", 2, { revisionHistoryLimit: 0 });
  await done("pause");
  await change("pause", { paused: true, template: template("pause", "two") });
  await change("pause", { replicas: 3 });
  await waitUntil(async () => (await setOf("pause", "one"))?.status?.availableReplicas === 3);
  const paused = await waitUntil(async () => {
    const { status } = await client.deployments().get("pause");
    return status?.conditions?.find(({ reason }) => reason === "DeploymentPaused");
  });
  expect(paused).toMatchObject({ status: "Unknown", message: "Deployment is paused" });
  expect(await setsOf("pause")).toHaveLength(1);
  await change("pause", { paused: false });
  await waitUntil(async () => (await setOf("pause", "two"))?.status?.availableReplicas === 3);
  await waitUntil(async () => (await setsOf("pause")).length === 1);
  expect((await done("pause")).status?.updatedReplicas).toBe(3);
});

test("a Deployment that recreates has no new Pod while an old one is there", async () => {
  const strategy = { type: "Recreate" };
  await make("anew", 1, { strategy, template: template("anew", stuckImage) });
  await waitUntil(async () => (await setOf("anew", stuckImage))?.status?.replicas === 1);
  const [old] = (await client.pods().list({ labelSelector: "app=anew" })).items;
  const name = old?.metadata?.name ?? "";
  await client
    .pods()
    .patch(name, { metadata: { finalizers: ["test/hold"] } }, "application/merge-patch+json");
  await change("anew", { template: template("anew", "two") });
  await waitUntil(async () => (await setOf("anew", stuckImage))?.status?.terminatingReplicas === 1);
  await waitUntil(async () => (await client.deployments().get("anew")).status?.observedGeneration === 2);
  expect(await setOf("anew", "two")).toBeUndefined();
  await client.pods().patch(name, { metadata: { finalizers: null } }, "application/merge-patch+json");
  await done("anew");
});

test("a rollout without progress is told of", async () => {
  await make("late", 1, { progressDeadlineSeconds: 1, template: template("late", stuckImage) });
  const condition = await waitUntil(async () => {
    const { status } = await client.deployments().get("late");
    return status?.conditions?.find(({ reason }) => reason === "ProgressDeadlineExceeded");
  });
  expect(condition.message).toMatch(/^ReplicaSet "late-\w+" has timed out progressing\.$/);
  expect(condition.status).toBe("False");
});

test("a set with the new one's name but another template makes the Deployment take another name", async () => {
  await make("twin", 0, { paused: true });
  const { spec } = await client.deployments().get("twin");
  const hash = templateHash(spec?.template ?? {});
  const labels = { app: "other" };
  await client.sets().create({
    metadata: { name: `twin-${hash}` },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: template("other", "x") },
  });
  await change("twin", { paused: false });
  await waitUntil(async () => (await client.deployments().get("twin")).status?.collisionCount === 1);
  const [set] = await waitUntil(async () => {
    const sets = await setsOf("twin");
    return sets.length > 0 && sets;
  });
  expect(set?.metadata?.name).toBe(`twin-${templateHash(spec?.template ?? {}, 1)}`);
});

test("a Deployment that is deleted leaves nothing, one that is orphaned leaves its sets to another", async () => {
  await make("gone", 2);
  await done("gone");
  await client.deployments().delete("gone", { propagationPolicy: "Orphan" });
  await waitUntil(async () => (await setsOf("gone"))[0]?.metadata?.ownerReferences === undefined);
  await waitUntil(async () =>
    (await client.deployments().list()).items.every(({ metadata }) => metadata?.name !== "gone"),
  );
  await make("gone", 2);
  await done("gone");
  const [set, ...others] = await setsOf("gone");
  expect(others).toEqual([]);
  expect(set?.metadata?.ownerReferences).toHaveLength(1);
  await client.deployments().delete("gone", { propagationPolicy: "Background" });
  await waitUntil(async () => (await setsOf("gone")).length === 0);
  await waitUntil(async () => {
    return (await client.pods().list({ labelSelector: "app=gone" })).items.length === 0;
  });
});
