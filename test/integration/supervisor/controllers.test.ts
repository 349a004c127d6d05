import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type {
  CoreV1Event,
  V1ConfigMap,
  V1Lease,
  V1Namespace,
  V1Node,
  V1Pod,
  V1ServiceAccount,
} from "../../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import { createToken, listTokens } from "../../../supervisor/cli/bootstrap-tokens.ts";
import { resources } from "../../../supervisor/client/resources.ts";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { FakeClock } from "../../framework/fake-clock.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const configMaps = { group: "", version: "v1", resource: "configmaps" };
const events = { group: "", version: "v1", resource: "events" };

/** Its clock is the API server's too: it moves when a test says so. */
const clock = new FakeClock(Date.now());
let supervisor: TestSupervisor;

beforeAll(async () => {
  supervisor = await startTestSupervisor({ clock, disabled: ["scheduler"] });
});

afterAll(() => supervisor.stop());

function client<T extends KubernetesObject>(
  resource: { readonly group: string; readonly version: string; readonly resource: string },
  namespace?: string,
) {
  return supervisor.admin.resource<T>(resource, namespace);
}

/** Waits until the object is as wanted; the controllers' clock moves with the waiting where `stepMs` says so. */
async function eventually<T>(check: () => Promise<T | undefined | false>, stepMs = 0): Promise<T> {
  return await waitUntil(async () => {
    if (stepMs > 0) await clock.advance(stepMs);
    return await check();
  });
}

function readyNode(name: string): V1Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: {
      conditions: [
        { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" },
      ],
    },
  };
}

function pod(namespace: string, name: string, nodeName?: string): V1Pod {
  const spec = { containers: [{ name: "c", image: "demo" }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name },
    spec: nodeName === undefined ? spec : { ...spec, nodeName },
  };
}

async function isGone(get: () => Promise<unknown>): Promise<boolean> {
  const result = await get().catch((error: unknown) => error);
  return isNotFound(result);
}

test("every namespace gets its default ServiceAccount, also a second time", async () => {
  await client<V1Namespace>(resources.namespaces).create({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team" },
  });
  const accounts = client<V1ServiceAccount>(resources.serviceAccounts, "team");
  const first = await eventually(() => accounts.get("default").catch(() => undefined));
  await accounts.delete("default");
  await eventually(async () => {
    const again = await accounts.get("default").catch(() => undefined);
    return again !== undefined && again.metadata?.uid !== first.metadata?.uid;
  });
});

test("nodes get pod networks, none twice, and a deleted one's is free again", async () => {
  const nodes = client<V1Node>(resources.nodes);
  const names = ["ipam-1", "ipam-2", "ipam-3"];
  for (const name of names) await nodes.create(readyNode(name));
  const cidrOf = (name: string) => eventually(async () => (await nodes.get(name)).spec?.podCIDR);
  const cidrs = await Promise.all(names.map(cidrOf));
  expect(new Set(cidrs).size).toBe(3);
  for (const cidr of cidrs) expect(cidr).toMatch(/^10\.42\.\d+\.0\/24$/);
  await nodes.delete("ipam-2");
  await eventually(() => isGone(() => nodes.get("ipam-2")));
  await nodes.create(readyNode("ipam-4"));
  expect(await cidrOf("ipam-4")).toBe(cidrs[1] ?? "");
});

test("a node whose Lease is not renewed becomes Unknown after 50 s, with a taint and an event, and recovers", async () => {
  const nodes = client<V1Node>(resources.nodes);
  const leases = client<V1Lease>(resources.leases, "kube-node-lease");
  await nodes.create(readyNode("silent"));
  await nodes.patch(
    "silent",
    { status: readyNode("silent").status },
    "application/merge-patch+json",
    "status",
  );
  const lease = await leases.create({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "silent", namespace: "kube-node-lease" },
    spec: { holderIdentity: "silent", leaseDurationSeconds: 40, renewTime: "2026-01-31T12:00:00.000000Z" },
  });
  const readyOf = async () =>
    (await nodes.get("silent")).status?.conditions?.find(({ type }) => type === "Ready");
  await clock.advance(30_000);
  const { resourceVersion = "" } = lease.metadata ?? {};
  await leases.update({ ...lease, spec: { ...lease.spec, renewTime: "2026-01-31T12:00:30.000000Z" } });
  // The controller hears of it when this watch does, as all are in one process.
  for await (const { object } of leases.watch({ resourceVersion, signal: new AbortController().signal }))
    if (object.metadata?.name === "silent") break;
  await nodes.get("silent");
  await clock.advance(30_000);
  expect((await readyOf())?.status).toBe("True");
  const unknown = await eventually(async () => {
    const condition = await readyOf();
    return condition?.status === "Unknown" && condition;
  }, 5_000);
  expect(unknown).toMatchObject({
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
  });
  const conditions = (await nodes.get("silent")).status?.conditions ?? [];
  expect(conditions.find(({ type }) => type === "MemoryPressure")).toMatchObject({
    status: "Unknown",
    reason: "NodeStatusNeverUpdated",
    message: "Kubelet never posted node status.",
  });
  const taints = () => nodes.get("silent").then((node) => node.spec?.taints?.map(({ key }) => key) ?? []);
  await eventually(async () => (await taints()).includes("node.kubernetes.io/unreachable"));
  await eventually(async () => {
    const { items } = await client<CoreV1Event>(events, "default").list();
    return items.some(
      ({ reason, involvedObject }) => reason === "NodeNotReady" && involvedObject.name === "silent",
    );
  });
  await nodes.patch(
    "silent",
    { status: readyNode("silent").status },
    "application/merge-patch+json",
    "status",
  );
  await eventually(async () => !(await taints()).includes("node.kubernetes.io/unreachable"));
});

test("a cordoned node is tainted and an uncordoned one is not", async () => {
  const nodes = client<V1Node>(resources.nodes);
  await nodes.create(readyNode("cordoned"));
  const hasTaint = async () =>
    (await nodes.get("cordoned")).spec?.taints?.some(
      ({ key }) => key === "node.kubernetes.io/unschedulable",
    ) ?? false;
  await nodes.patch("cordoned", { spec: { unschedulable: true } }, "application/merge-patch+json");
  await eventually(hasTaint);
  await nodes.patch("cordoned", { spec: { unschedulable: null } }, "application/merge-patch+json");
  await eventually(async () => !(await hasTaint()));
});

test("a deleted namespace is emptied first, waits for what is held, and then goes", async () => {
  const namespaces = client<V1Namespace>(resources.namespaces);
  await namespaces.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "doomed" } });
  const maps = client<V1ConfigMap>(configMaps, "doomed");
  await maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "free" } });
  await maps.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "held", finalizers: ["example.com/hold"] },
  });
  const pods = client<V1Pod>(resources.pods, "doomed");
  await pods.create(pod("doomed", "unscheduled"));
  await namespaces.delete("doomed");
  const conditionOf = async (wanted: string) =>
    (await namespaces.get("doomed")).status?.conditions?.find(({ type }) => type === wanted);
  await eventually(async () => (await conditionOf("NamespaceContentRemaining"))?.status === "True", 1000);
  expect((await conditionOf("NamespaceContentRemaining"))?.message).toBe(
    "Some resources are remaining: configmaps. has 1 resource instances",
  );
  expect((await conditionOf("NamespaceFinalizersRemaining"))?.message).toBe(
    "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
  );
  expect(await isGone(() => maps.get("free"))).toBe(true);
  await maps.patch("held", { metadata: { finalizers: null } }, "application/merge-patch+json");
  await eventually(() => isGone(() => namespaces.get("doomed")), 1000);
});

test("an expired join token is deleted, others stay", async () => {
  const { caKeyHash, admin } = supervisor;
  const short = await createToken(admin, { caKeyHash, clock, ttlMs: 3600_000 });
  const long = await createToken(admin, { caKeyHash, clock, ttlMs: 40 * 24 * 3600_000 });
  const ids = async () => (await listTokens(admin)).map(({ id }) => id);
  const [shortId = "", longId = ""] = [short.slice(0, 6), long.slice(0, 6)];
  expect(await ids()).toContain(shortId);
  await eventually(async () => !(await ids()).includes(shortId), 60_000 * 10);
  expect(await ids()).toContain(longId);
});

test("Pods of a node that is gone are failed and deleted after 40 s, others are left alone", async () => {
  const nodes = client<V1Node>(resources.nodes);
  await nodes.create(readyNode("there"));
  const pods = client<V1Pod>(resources.pods, "default");
  await eventually(() =>
    client<V1ServiceAccount>(resources.serviceAccounts, "default")
      .get("default")
      .catch(() => undefined),
  );
  await pods.create(pod("default", "lost", "never-was"));
  await pods.create(pod("default", "kept", "there"));
  await clock.advance(10_000);
  expect((await pods.get("lost")).metadata?.name).toBe("lost");
  await eventually(() => isGone(() => pods.get("lost")), 5_000);
  expect((await pods.get("kept")).metadata?.deletionTimestamp).toBeUndefined();
});
