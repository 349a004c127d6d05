import { afterAll, beforeAll, expect, test } from "bun:test";
import { ControlPlane } from "../../../test/framework/control-plane.ts";
import { waitUntil } from "../../../test/framework/wait-until.ts";

let plane: ControlPlane;
const core = "/api/v1/namespaces/default";
const slicePath = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const merge = { "content-type": "application/merge-patch+json" };

beforeAll(async () => {
  plane = await ControlPlane.start();
  const labels = { "topology.kubernetes.io/zone": "z1" };
  await make("/api/v1/nodes", { metadata: { name: "n1", labels } });
});

afterAll(() => plane[Symbol.asyncDispose]());

async function make(path: string, body: object) {
  const answer = await plane.api.call("POST", path, { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

/** A Pod that runs on the node, with an address. */
async function pod(name: string, podIP: string, ready: boolean, spec: object = {}): Promise<void> {
  const ports = [{ name: "http", containerPort: 8080 }];
  const containers = [{ name: "c", image: "i", ports }];
  await make(`${core}/pods`, {
    metadata: { name, labels: { app: "web" } },
    spec: { containers, nodeName: "n1", ...spec },
  });
  const lastTransitionTime = "2030-01-02T03:04:05Z";
  const conditions = [{ type: "Ready", status: ready ? "True" : "False", lastTransitionTime }];
  const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], conditions };
  const answer = await plane.api.call("PATCH", `${core}/pods/${name}/status`, {
    body: { status },
    headers: merge,
  });
  if (answer.status !== 200) throw new Error(answer.text);
}

async function slicesOf(service: string) {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  return (await plane.api.call("GET", `${slicePath}?labelSelector=${selector}`)).body.items;
}

test("a Service with a selector has Endpoints and EndpointSlices of its Pods", async () => {
  const ports = [{ name: "web", port: 80, targetPort: "http" }];
  const service = {
    metadata: { name: "web", labels: { tier: "front" } },
    spec: { selector: { app: "web" }, ports },
  };
  await make(`${core}/services`, service);
  await waitUntil(async () => (await slicesOf("web")).length === 1);
  expect((await slicesOf("web"))[0]).toMatchObject({ addressType: "IPv4", endpoints: null, ports: null });
  await pod("a", "10.0.0.1", true);
  await pod("b", "10.0.0.2", false);
  await waitUntil(async () => (await slicesOf("web"))[0]?.endpoints?.length === 2);
  const [slice] = await slicesOf("web");
  expect(slice.ports).toEqual([{ name: "web", protocol: "TCP", port: 8080 }]);
  expect(slice.endpoints[0]).toMatchObject({
    addresses: ["10.0.0.1"],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: "Pod", namespace: "default", name: "a" },
    nodeName: "n1",
    zone: "z1",
  });
  expect(slice.endpoints[1].conditions).toEqual({ ready: false, serving: false, terminating: false });
  expect(slice.metadata.labels).toEqual({
    tier: "front",
    "kubernetes.io/service-name": "web",
    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
  });
  expect(slice.metadata.ownerReferences).toMatchObject([{ kind: "Service", name: "web", controller: true }]);
  await waitUntil(async () => {
    const { body } = await plane.api.call("GET", `${core}/endpoints/web`);
    return body.subsets?.[0]?.notReadyAddresses?.length === 1;
  });
  const { body: endpoints } = await plane.api.call("GET", `${core}/endpoints/web`);
  expect(endpoints.subsets).toMatchObject([
    {
      addresses: [{ ip: "10.0.0.1" }],
      notReadyAddresses: [{ ip: "10.0.0.2" }],
      ports: [{ name: "web", port: 8080 }],
    },
  ]);
  expect(endpoints.metadata.annotations["endpoints.kubernetes.io/last-change-trigger-time"]).toBe(
    "2030-01-02T03:04:05Z",
  );
  await plane.api.call("DELETE", `${core}/pods/a`);
  await waitUntil(async () => {
    const items = (await slicesOf("web"))[0].endpoints;
    return items.some(
      (one: { conditions: object }) => "terminating" in one.conditions && one.conditions.terminating,
    );
  });
  await plane.api.call("DELETE", `${core}/services/web`);
  await waitUntil(async () => (await slicesOf("web")).length === 0);
  await waitUntil(async () => (await plane.api.call("GET", `${core}/endpoints/web`)).status === 404);
});

test("a headless Service has its Pods' names, and those that are not ready where it says so", async () => {
  const spec = { clusterIP: "None", selector: { app: "web" }, publishNotReadyAddresses: true };
  await make(`${core}/services`, { metadata: { name: "peers" }, spec });
  await pod("c", "10.0.0.3", false, { hostname: "first", subdomain: "peers" });
  await waitUntil(async () => {
    const endpoints = (await slicesOf("peers"))[0]?.endpoints ?? [];
    return endpoints.some((one: { hostname?: string }) => one.hostname === "first");
  });
  const [slice] = await slicesOf("peers");
  const own = slice.endpoints.find((one: { hostname?: string }) => one.hostname === "first");
  expect(own.conditions).toEqual({ ready: true, serving: false, terminating: false });
  expect(slice.metadata.labels["service.kubernetes.io/headless"]).toBe("");
});

test("Endpoints that somebody keeps are mirrored", async () => {
  await make(`${core}/services`, { metadata: { name: "own" }, spec: { ports: [{ port: 80 }] } });
  const subsets = [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 80 }] }];
  await make(`${core}/endpoints`, { metadata: { name: "own" }, subsets });
  await waitUntil(async () => (await slicesOf("own")).length === 1);
  const [slice] = await slicesOf("own");
  expect(slice).toMatchObject({
    endpoints: [{ addresses: ["10.1.2.3"], conditions: { ready: true } }],
    ports: [{ name: "", port: 80, protocol: "TCP" }],
  });
  expect(slice.metadata.labels["endpointslice.kubernetes.io/managed-by"]).toBe(
    "endpointslicemirroring-controller.k8s.io",
  );
  await plane.api.call("PATCH", `${core}/endpoints/own`, {
    body: { subsets: [{ addresses: [{ ip: "10.1.2.4" }], ports: [{ port: 80 }] }] },
    headers: merge,
  });
  await waitUntil(async () => (await slicesOf("own"))[0].endpoints[0].addresses[0] === "10.1.2.4");
  await plane.api.call("DELETE", `${core}/endpoints/own`);
  await waitUntil(async () => (await slicesOf("own")).length === 0);
});
