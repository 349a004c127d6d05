import { afterAll, beforeAll, expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

let plane: ControlPlane;
const maps = "/api/v1/namespaces/default/configmaps";
const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

beforeAll(async () => {
  plane = await ControlPlane.start();
});

afterAll(() => plane[Symbol.asyncDispose]());

interface Owner {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly apiVersion: string;
}

async function make(name: string, owners: readonly Owner[] = [], block = false, path = maps): Promise<Owner> {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    ...(block ? { blockOwnerDeletion: true } : {}),
  }));
  const answer = await plane.api.call("POST", path, { body: { metadata: { name, ownerReferences } } });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

async function metadataOf(name: string, path = maps) {
  const { status, body } = await plane.api.call("GET", `${path}/${name}`);
  return status === 404 ? undefined : body.metadata;
}

const isGone =
  (name: string, path = maps) =>
  async () =>
    (await metadataOf(name, path)) === undefined;

function remove(name: string, propagationPolicy: string) {
  return plane.api.call("DELETE", `${maps}/${name}?propagationPolicy=${propagationPolicy}`);
}

test("in the background, what has lost its last owner goes", async () => {
  const first = await make("first");
  const second = await make("second");
  const child = await make("child", [first]);
  await make("grandchild", [child]);
  await make("shared", [first, second]);
  await remove("first", "Background");
  await waitUntil(isGone("child"));
  await waitUntil(isGone("grandchild"));
  await waitUntil(async () => (await metadataOf("shared"))?.ownerReferences?.length === 1);
  expect((await metadataOf("shared")).ownerReferences[0].uid).toBe(second.metadata.uid);
});

test("in the foreground, an owner goes after those that hold it", async () => {
  const owner = await make("fore");
  const held = await make("held", [owner], true);
  await plane.api.call("PATCH", `${maps}/held`, {
    body: { metadata: { finalizers: ["example.com/hold"] } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  const marked = await remove("fore", "Foreground");
  expect(marked.body.metadata.finalizers).toEqual(["foregroundDeletion"]);
  await waitUntil(async () => (await metadataOf("held"))?.deletionTimestamp !== undefined);
  expect(await metadataOf("fore")).toBeDefined();
  await plane.api.call("PATCH", `${maps}/held`, {
    body: { metadata: { finalizers: null, uid: held.metadata.uid } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  await waitUntil(isGone("fore"));
});

test("orphans are set free before their owner goes", async () => {
  const owner = await make("parting");
  await make("orphan", [owner]);
  await remove("parting", "Orphan");
  await waitUntil(isGone("parting"));
  expect((await metadataOf("orphan")).ownerReferences).toBeUndefined();
});

test("owners in a circle do not wait for each other", async () => {
  const patch = { "content-type": "application/merge-patch+json" };
  const circle = [await make("c1"), await make("c2"), await make("c3")];
  for (const [index, { metadata }] of circle.entries()) {
    const owner = circle[(index + 2) % 3]!;
    const reference = { apiVersion: "v1", kind: "ConfigMap", ...owner.metadata, blockOwnerDeletion: true };
    const { apiVersion, kind, name, uid, blockOwnerDeletion } = reference;
    const ownerReferences = [{ apiVersion, kind, name, uid, blockOwnerDeletion, controller: true }];
    await plane.api.call("PATCH", `${maps}/${metadata.name}`, {
      body: { metadata: { ownerReferences } },
      headers: patch,
    });
  }
  await remove("c1", "Foreground");
  for (const name of ["c1", "c2", "c3"]) await waitUntil(isGone(name));
});

test("owners are looked for where they can be", async () => {
  const absent = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gone", uid: "no-such-uid" } };
  await make("lost", [absent]);
  await waitUntil(isGone("lost"));
  const owner = await make("here");
  const other = "/api/v1/namespaces/kube-public/configmaps";
  await make("elsewhere", [owner], false, other);
  await waitUntil(isGone("elsewhere", other));
  await waitUntil(async () => {
    const { body } = await plane.api.call("GET", "/api/v1/namespaces/kube-public/events");
    const found = body.items.find(({ reason }: { reason: string }) => reason === "OwnerRefInvalidNamespace");
    return found?.message.startsWith("ownerRef [v1/ConfigMap, namespace: kube-public, name: here, uid: ");
  });
  // An owner in a namespace cannot be looked for from outside of one: nothing is deleted for that.
  await make("cluster", [owner], false, roles);
  const clusterOwner = await make("cluster-owner", [], false, roles);
  await make("of-cluster", [clusterOwner]);
  await plane.api.call("DELETE", `${roles}/cluster-owner`);
  await waitUntil(isGone("of-cluster"));
  expect(await metadataOf("cluster", roles)).toBeDefined();
});
