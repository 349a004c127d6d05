import { expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";
import { isNeeded } from "./network-use.ts";

const labels = { "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io" };
const network = (name: string, cidr: string, metadata = {}) => ({
  metadata: { name, ...metadata },
  spec: { cidrs: [cidr] },
});
const address = (name: string) => ({
  metadata: { name, labels },
  spec: { parentRef: { resource: "services", name: "s" } },
});

test("a network is needed for addresses that no other network has", () => {
  const leaving = network("a", "10.0.0.0/24");
  expect(isNeeded(leaving, [], [])).toBe(false);
  expect(isNeeded(leaving, [], [address("10.0.0.9")])).toBe(true);
  expect(isNeeded(leaving, [], [address("10.0.1.9"), address("fd00::9")])).toBe(false);
  expect(isNeeded(leaving, [network("b", "10.0.0.0/28")], [address("10.0.0.9")])).toBe(false);
  expect(isNeeded(leaving, [network("b", "10.0.0.0/28")], [address("10.0.0.99")])).toBe(true);
  expect(isNeeded(leaving, [network("b", "10.0.0.0/16")], [address("10.0.0.99")])).toBe(false);
});

test("a network gets ready and kept, and stays for the Services that have its addresses", async () => {
  await using plane = await ControlPlane.start();
  const { api } = plane;
  const path = "/apis/networking.k8s.io/v1/servicecidrs";
  const made = await api.call("POST", path, { body: network("extra", "10.250.0.0/28") });
  expect(made.status).toBe(201);
  const read = async () => (await api.call("GET", `${path}/extra`)).body;
  const condition = async () => (await read()).status?.conditions?.[0];
  await waitUntil(async () => (await condition())?.status === "True");
  expect((await read()).metadata.finalizers).toEqual(["networking.k8s.io/service-cidr-finalizer"]);
  const spec = { clusterIP: "10.250.0.9", ports: [{ port: 80 }] };
  const service = { metadata: { name: "held" }, spec };
  const held = await api.call("POST", "/api/v1/namespaces/default/services", { body: service });
  expect(held.status).toBe(201);
  await api.call("DELETE", `${path}/extra`);
  await waitUntil(async () => (await condition())?.reason === "Terminating");
  expect(await condition()).toMatchObject({ type: "Ready", status: "False" });
});
