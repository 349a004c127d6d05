import { afterAll, beforeAll, expect, test } from "bun:test";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

const pods = "/api/v1/namespaces/default/pods";
const configMaps = "/api/v1/namespaces/default/configmaps";
let server: TestApiServer;
let clock: FakeClock;

beforeAll(async () => {
  clock = new FakeClock();
  server = await TestApiServer.start({ clock });
});

afterAll(() => server.close());

async function boundPod(name: string, metadata: object = {}): Promise<void> {
  const spec = { containers: [{ name: "main", image: "nginx" }], nodeName: "n1" };
  const created = await server.call("POST", pods, { body: { metadata: { ...metadata, name }, spec } });
  expect(created.status).toBe(201);
}

function remove(path: string, options: object = {}) {
  return server.call("DELETE", path, { body: { kind: "DeleteOptions", apiVersion: "v1", ...options } });
}

test("a Pod on a node is marked, and goes when its node says that it has ended", async () => {
  await boundPod("graceful");
  const { body } = await remove(`${pods}/graceful`);
  expect(body.metadata).toMatchObject({
    deletionTimestamp: "2026-01-31T12:00:30Z",
    deletionGracePeriodSeconds: 30,
    generation: 2,
  });
  const again = await remove(`${pods}/graceful`);
  expect(again.body.metadata).toEqual(body.metadata);
  expect((await remove(`${pods}/graceful`, { gracePeriodSeconds: 0 })).status).toBe(200);
  expect((await server.call("GET", `${pods}/graceful`)).status).toBe(404);
});

test("a second deletion can shorten the grace period of the first, not lengthen it", async () => {
  await boundPod("shortened");
  await remove(`${pods}/shortened`, { gracePeriodSeconds: 60 });
  const longer = await remove(`${pods}/shortened`, { gracePeriodSeconds: 90 });
  expect(longer.body.metadata.deletionGracePeriodSeconds).toBe(60);
  const shorter = await remove(`${pods}/shortened`, { gracePeriodSeconds: 10 });
  expect(shorter.body.metadata).toMatchObject({
    deletionTimestamp: "2026-01-31T12:00:10Z",
    deletionGracePeriodSeconds: 10,
  });
});

test("a Pod without a node goes at once", async () => {
  const body = { metadata: { name: "free" }, spec: { containers: [{ name: "a", image: "b" }] } };
  await server.call("POST", pods, { body });
  expect((await remove(`${pods}/free`)).body.kind).toBe("Pod");
  expect((await server.call("GET", `${pods}/free`)).status).toBe(404);
});

test("an object with finalizers goes when the last is taken off", async () => {
  await server.call("POST", configMaps, {
    body: { metadata: { name: "final", finalizers: ["example.com/a"] } },
  });
  const marked = await server.call("DELETE", `${configMaps}/final`);
  expect(marked.body).toMatchObject({
    kind: "ConfigMap",
    metadata: { deletionTimestamp: "2026-01-31T12:00:00Z", deletionGracePeriodSeconds: 0 },
  });
  const headers = { "content-type": "application/merge-patch+json" };
  const added = await server.call("PATCH", `${configMaps}/final`, {
    body: { metadata: { finalizers: ["example.com/a", "example.com/b"] } },
    headers,
  });
  expect(added.body.message).toContain("no new finalizers can be added if the object is being deleted");
  const freed = await server.call("PATCH", `${configMaps}/final`, {
    body: { metadata: { finalizers: null } },
    headers,
  });
  expect(freed.status).toBe(200);
  expect((await server.call("GET", `${configMaps}/final`)).status).toBe(404);
});

test("preconditions keep another object of the name from harm", async () => {
  const { body } = await server.call("POST", configMaps, { body: { metadata: { name: "pre" } } });
  const strange = await remove(`${configMaps}/pre`, { preconditions: { uid: "other" } });
  expect(strange.body).toMatchObject({ code: 409, reason: "Conflict" });
  expect(strange.body.message).toContain(
    "the UID in the precondition (other) does not match the UID in record",
  );
  const stale = await remove(`${configMaps}/pre`, { preconditions: { resourceVersion: "1" } });
  expect(stale.body.code).toBe(409);
  const { uid } = body.metadata;
  const gone = await remove(`${configMaps}/pre`, { preconditions: { uid }, propagationPolicy: "Background" });
  expect(gone.body).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name: "pre", kind: "configmaps", uid },
  });
});

test("dry runs change nothing", async () => {
  const body = { metadata: { name: "dry" } };
  expect((await server.call("POST", `${configMaps}?dryRun=All`, { body })).status).toBe(201);
  expect((await server.call("GET", `${configMaps}/dry`)).status).toBe(404);
  await server.call("POST", configMaps, { body });
  expect((await server.call("POST", `${configMaps}?dryRun=All`, { body })).status).toBe(409);
  const updated = await server.call("PUT", `${configMaps}/dry?dryRun=All`, {
    body: { ...body, data: { a: "b" } },
  });
  expect(updated.body.data).toEqual({ a: "b" });
  expect((await remove(`${configMaps}/dry`, { dryRun: ["All"] })).status).toBe(200);
  const { body: kept } = await server.call("GET", `${configMaps}/dry`);
  expect(kept.data).toBeUndefined();
  expect((await server.call("POST", `${configMaps}?dryRun=Some`, { body })).body.code).toBe(422);
  await server.call("DELETE", `${configMaps}/dry`);
});

test("deletecollection takes what the selectors take", async () => {
  const names = ["x1", "x2", "y1"];
  for (const name of names) {
    await server.call("POST", configMaps, {
      body: { metadata: { name, labels: { set: name.slice(0, 1) } } },
    });
  }
  const { body } = await server.call("DELETE", `${configMaps}?labelSelector=set%3Dx`);
  expect(body.kind).toBe("ConfigMapList");
  expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(["x1", "x2"]);
  const rest = await server.call("GET", configMaps);
  expect(rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(["y1"]);
});

test("a namespace is emptied by others before it goes, and takes nothing new meanwhile", async () => {
  const path = "/api/v1/namespaces/going";
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "going" } } });
  const marked = await server.call("DELETE", path);
  expect(marked.body).toMatchObject({
    status: { phase: "Terminating" },
    spec: { finalizers: ["kubernetes"] },
  });
  const refused = await server.call("POST", `${path}/configmaps`, { body: { metadata: { name: "late" } } });
  expect(refused.body).toMatchObject({
    code: 403,
    message:
      'configmaps "late" is forbidden: unable to create new content in namespace going because it is being terminated',
    details: { causes: [{ reason: "NamespaceTerminating" }] },
  });
  const kept = await server.call("PUT", path, { body: { ...marked.body, spec: {} } });
  expect(kept.body.spec.finalizers).toEqual(["kubernetes"]);
  const finalized = await server.call("PUT", `${path}/finalize`, {
    body: { ...kept.body, spec: { finalizers: [] } },
  });
  expect(finalized.status).toBe(200);
  expect((await server.call("GET", path)).status).toBe(404);
});

test("the namespaces that every cluster has stay, or come again", async () => {
  const path = "/api/v1/namespaces/kube-node-lease";
  const { body: marked } = await server.call("DELETE", path);
  await server.call("PUT", `${path}/finalize`, { body: { ...marked, spec: { finalizers: [] } } });
  const again = await waitUntil(async () => {
    const { status, body } = await server.call("GET", path);
    return status === 200 && body;
  });
  expect(again.metadata.uid).not.toBe(marked.metadata.uid);
  const { body } = await server.call("DELETE", "/api/v1/namespaces/kube-system");
  expect(body.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted');
  const none = await server.call("POST", "/api/v1/namespaces/none/configmaps", {
    body: { metadata: { name: "a" } },
  });
  expect(none.body.message).toBe('namespaces "none" not found');
  expect((await server.call("DELETE", "/api/v1/namespaces")).status).toBe(405);
});

test("what becomes of dependents is left to the garbage collector by finalizers", async () => {
  const finalizersAfter = async (options: object, present: readonly string[] = []) => {
    const body = { metadata: { name: "owner", finalizers: ["example.com/hold", ...present] } };
    await server.call("POST", configMaps, { body });
    const marked = await remove(`${configMaps}/owner`, options);
    const headers = { "content-type": "application/merge-patch+json" };
    await server.call("PATCH", `${configMaps}/owner`, { body: { metadata: { finalizers: null } }, headers });
    return { status: marked.status, finalizers: marked.body.metadata.finalizers };
  };
  const hold = "example.com/hold";
  expect(await finalizersAfter({ propagationPolicy: "Foreground" })).toEqual({
    status: 200,
    finalizers: [hold, "foregroundDeletion"],
  });
  expect((await finalizersAfter({ propagationPolicy: "Orphan" })).finalizers).toEqual([hold, "orphan"]);
  expect((await finalizersAfter({ orphanDependents: true })).finalizers).toEqual([hold, "orphan"]);
  expect(await finalizersAfter({ orphanDependents: false })).toEqual({ status: 202, finalizers: [hold] });
  expect((await finalizersAfter({}, ["foregroundDeletion"])).finalizers).toEqual([
    hold,
    "foregroundDeletion",
  ]);
  const background = await finalizersAfter({ propagationPolicy: "Background" }, ["orphan"]);
  expect(background.finalizers).toEqual([hold]);
});

test("a later deletion changes what becomes of dependents", async () => {
  await server.call("POST", configMaps, { body: { metadata: { name: "later" } } });
  const orphaning = await server.call("DELETE", `${configMaps}/later?propagationPolicy=Orphan`);
  expect(orphaning.body.metadata.finalizers).toEqual(["orphan"]);
  const foreground = await server.call("DELETE", `${configMaps}/later?propagationPolicy=Foreground`);
  expect(foreground.body.metadata.finalizers).toEqual(["foregroundDeletion"]);
  const both = await remove(`${configMaps}/later`, { propagationPolicy: "Orphan", orphanDependents: true });
  expect(both.body).toMatchObject({ code: 422, details: { causes: [{ field: "propagationPolicy" }] } });
  const gone = await remove(`${configMaps}/later`, { propagationPolicy: "Background" });
  expect(gone.body.status).toBe("Success");
});
