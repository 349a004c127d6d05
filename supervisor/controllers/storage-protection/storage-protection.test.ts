import { expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

test("a claim in use is deleted when its Pod is gone, one that nobody uses at once", async () => {
  await using plane = await ControlPlane.start();
  const { api } = plane;
  const path = "/api/v1/namespaces/default";
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  for (const name of ["used", "free"]) {
    const made = await api.call("POST", `${path}/persistentvolumeclaims`, {
      body: { metadata: { name }, spec },
    });
    expect(made.body.metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
  }
  const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "used" } }];
  const containers = [{ name: "c", image: "i" }];
  const pod = { metadata: { name: "p" }, spec: { containers, volumes, nodeName: "n" } };
  expect((await api.call("POST", `${path}/pods`, { body: pod })).status).toBe(201);
  for (const name of ["used", "free"]) await api.call("DELETE", `${path}/persistentvolumeclaims/${name}`);
  const statusOf = async (name: string) =>
    (await api.call("GET", `${path}/persistentvolumeclaims/${name}`)).status;
  await waitUntil(async () => (await statusOf("free")) === 404);
  expect(await statusOf("used")).toBe(200);
  await api.call("DELETE", `${path}/pods/p?gracePeriodSeconds=0`);
  await waitUntil(async () => (await statusOf("used")) === 404);
});

test("a bound volume stays until its claim lets it go", async () => {
  await using plane = await ControlPlane.start();
  const { api } = plane;
  const path = "/api/v1/persistentvolumes";
  const spec = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/tmp/x" } };
  expect((await api.call("POST", path, { body: { metadata: { name: "v" }, spec } })).status).toBe(201);
  const setPhase = (phase: string) =>
    api.call("PATCH", `${path}/v/status`, {
      body: { status: { phase } },
      headers: { "content-type": "application/merge-patch+json" },
    });
  await setPhase("Bound");
  const marked = await api.call("DELETE", `${path}/v`);
  expect(marked.body.metadata.finalizers).toEqual(["kubernetes.io/pv-protection"]);
  await setPhase("Released");
  await waitUntil(async () => (await api.call("GET", `${path}/v`)).status === 404);
});
