/** Endpoints and EndpointSlices, as objects and as controllers make them of Services. */
import { expect } from "bun:test";
import type { V1EndpointSlice, V1Endpoints, V1Service } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, isNewer, labelled, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { expectDiscovered } from "../support/discovery.ts";
import { checkOperations } from "../support/operations.ts";

const cluster = useCluster();
const discovery = "/apis/discovery.k8s.io/v1";

function servicesOf(namespace: string): Collection<V1Service> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/services`);
}

function endpointsOf(namespace: string): Collection<V1Endpoints> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/endpoints`);
}

function slicesOf(namespace: string): Collection<V1EndpointSlice> {
  return new Collection(cluster.api, `${discovery}/namespaces/${namespace}/endpointslices`);
}

function slicesOfService(namespace: string, name: string): Promise<readonly V1EndpointSlice[]> {
  return slicesOf(namespace).items({ labelSelector: `kubernetes.io/service-name=${name}` });
}

/** A Service whose selector matches no Pod. */
async function makeLonelyService(namespace: string): Promise<void> {
  await servicesOf(namespace).create({
    metadata: { name: "lonely" },
    spec: {
      selector: { matches: "nothing" },
      ports: [{ name: "example", port: 80, protocol: "TCP" }],
    },
  });
}

conformanceTest(
  "[sig-network] Endpoints should test the lifecycle of an Endpoint [Conformance]",
  async () => {
    const namespace = await cluster.namespace("endpoints");
    const endpoints = endpointsOf(namespace);
    const everywhere = new Collection<V1Endpoints>(cluster.api, "/api/v1/endpoints");
    const labelSelector = `test=${namespace}`;
    const { metadata: begin } = await everywhere.list({ labelSelector });
    const created = await endpoints.create({
      metadata: { name: "service", labels: { test: namespace } },
      subsets: [{ addresses: [{ ip: "10.0.0.24" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] }],
    });
    const watch = await endpoints.watch({ labelSelector, resourceVersion: begin?.resourceVersion ?? "" });
    await watch.until("ADDED", (object) => nameOf(object) === "service");
    expect(await everywhere.items({ labelSelector })).toMatchObject([
      { metadata: { name: "service", namespace } },
    ]);
    await endpoints.update("service", (object) => labelled(object, "stage", "updated"));
    await watch.until("MODIFIED", ({ metadata }) => metadata?.labels?.stage === "updated");

    const subset = { addresses: [{ ip: "10.0.0.25" }], ports: [{ name: "http-test", port: 8080 }] };
    const patch = { metadata: { labels: { stage: "patched" } }, subsets: [subset] };
    const patched = await endpoints.patch("service", patch, { kind: "strategic-merge-patch" });
    expect(isNewer(created, patched)).toBe(true);
    await watch.until("MODIFIED", ({ metadata }) => metadata?.labels?.stage === "patched");
    const read = await endpoints.get("service");
    expect(read.metadata?.labels).toEqual({ test: namespace, stage: "patched" });
    const ports = [{ name: "http-test", port: 8080, protocol: "TCP" }];
    expect(read.subsets).toEqual([{ addresses: [{ ip: "10.0.0.25" }], ports }]);
    await endpoints.deleteAll({ labelSelector });
    await watch.until("DELETED", (object) => nameOf(object) === "service");
    expect(await endpoints.statusOf("service")).toBe(404);
    watch.stop();
  },
);

conformanceTest(
  "[sig-network] EndpointSlice should support creating EndpointSlice API operations [Conformance]",
  async () => {
    const { api } = cluster;
    await expectDiscovered(api, {
      group: "discovery.k8s.io",
      version: "v1",
      resources: ["endpointslices"],
    });
    const namespace = await cluster.namespace("slices");
    await checkOperations({
      objects: slicesOf(namespace),
      everywhere: new Collection<V1EndpointSlice>(api, `${discovery}/endpointslices`),
      label: namespace,
      make: () => ({
        metadata: { generateName: "slice" },
        addressType: "IPv4",
        endpoints: [{ addresses: ["1.2.3.4", "5.6.7.8"] }, { addresses: ["2.2.3.4", "6.6.7.8"] }],
      }),
    });
  },
);

conformanceTest(
  "[sig-network] EndpointsController should create and delete Endpoints for a Service with a selector that matches no pods [Conformance]",
  async () => {
    const namespace = await cluster.namespace("controller");
    const endpoints = endpointsOf(namespace);
    await makeLonelyService(namespace);
    await eventually("the Service has Endpoints", 30_000, async () => {
      return (await endpoints.statusOf("lonely")) === 200;
    });
    expect((await endpoints.get("lonely")).subsets ?? []).toEqual([]);
    await servicesOf(namespace).delete("lonely");
    await endpoints.gone("lonely");
  },
);

conformanceTest(
  "[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods [Conformance]",
  async () => {
    const namespace = await cluster.namespace("controller");
    await makeLonelyService(namespace);
    const [slice] = await eventually("the Service has a slice", 30_000, async () => {
      const found = await slicesOfService(namespace, "lonely");
      return found.length > 0 && found;
    });
    expect(slice?.metadata?.labels).toMatchObject({
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
    expect(slice?.endpoints ?? []).toEqual([]);
    await servicesOf(namespace).delete("lonely");
    await eventually("the slice is gone", 45_000, async () => {
      return (await slicesOfService(namespace, "lonely")).length === 0;
    });
  },
);

conformanceTest(
  "[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]",
  async () => {
    const namespace = await cluster.namespace("mirror");
    const endpoints = endpointsOf(namespace);
    const ports = [{ name: "example", port: 80, protocol: "TCP" }];
    await servicesOf(namespace).create({ metadata: { name: "custom" }, spec: { ports } });
    const make = (ip: string): V1Endpoints => ({
      metadata: { name: "custom" },
      subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
    });
    const mirrored = (ip: string): Promise<boolean> =>
      eventually(`${ip} is mirrored`, 12_000, async () => {
        const [slice, ...others] = await slicesOfService(namespace, "custom");
        const addresses = slice?.endpoints?.flatMap((endpoint) => endpoint.addresses) ?? [];
        if (others.length > 0 || addresses.join() !== ip) return false;
        expect(slice?.ports?.map(({ port }) => port)).toEqual([80]);
        return true;
      });
    await endpoints.create(make("10.1.2.3"));
    await mirrored("10.1.2.3");
    await cluster.api.replace(endpoints.at("custom"), make("10.2.3.4"));
    await mirrored("10.2.3.4");
    await endpoints.delete("custom");
    await eventually("the mirror is gone", 12_000, async () => {
      return (await slicesOfService(namespace, "custom")).length === 0;
    });
  },
);
