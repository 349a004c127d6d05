import { expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

const patch = { "content-type": "application/merge-patch+json" };

test("a namespace's Pods go first, then all else, then itself", async () => {
  await using plane = await ControlPlane.start();
  const { api } = plane;
  const path = "/api/v1/namespaces/going";
  const finalizers = ["example.com/hold"];
  await api.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "going" } } });
  await api.call("POST", `${path}/pods`, {
    body: { metadata: { name: "p", finalizers }, spec: { containers: [{ name: "c", image: "i" }] } },
  });
  await api.call("POST", `${path}/configmaps`, { body: { metadata: { name: "held", finalizers } } });
  await api.call("POST", `${path}/secrets`, { body: { metadata: { name: "s" } } });
  expect((await api.call("DELETE", path)).status).toBe(200);
  const conditions = async () => {
    const list = (await api.call("GET", path)).body.status?.conditions ?? [];
    return Object.fromEntries(list.map((one: { type: string; message: string }) => [one.type, one.message]));
  };
  await waitUntil(async () => (await conditions()).NamespaceContentRemaining?.includes("pods. has 1"));
  expect(await conditions()).toEqual({
    NamespaceDeletionDiscoveryFailure: "All resources successfully discovered",
    NamespaceDeletionGroupVersionParsingFailure: "All legacy kube types successfully parsed",
    NamespaceDeletionContentFailure: "All content successfully deleted, may be waiting on finalization",
    NamespaceContentRemaining: "Some resources are remaining: pods. has 1 resource instances",
    NamespaceFinalizersRemaining:
      "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
  });
  expect((await api.call("GET", `${path}/secrets/s`)).status).toBe(200);
  await api.call("PATCH", `${path}/pods/p`, { body: { metadata: { finalizers: null } }, headers: patch });
  await waitUntil(async () => (await conditions()).NamespaceContentRemaining?.includes("configmaps. has 1"));
  expect((await api.call("GET", `${path}/secrets/s`)).status).toBe(404);
  await api.call("PATCH", `${path}/configmaps/held`, {
    body: { metadata: { finalizers: null } },
    headers: patch,
  });
  await waitUntil(async () => (await api.call("GET", path)).status === 404);
});
