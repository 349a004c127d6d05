/** Services as objects, and the one that is the API server itself. */
import { expect } from "bun:test";
import type { V1EndpointSlice, V1Endpoints, V1Service } from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { Collection, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";

const cluster = useCluster();

function servicesOf(namespace: string): Collection<V1Service> {
  return new Collection(cluster.api, `/api/v1/namespaces/${namespace}/services`);
}

conformanceTest("[sig-network] API Server should provide secure master service [Conformance]", async () => {
  const { spec } = await servicesOf("default").get("kubernetes");
  expect(spec?.ports).toMatchObject([{ name: "https", port: 443, protocol: "TCP" }]);
});

conformanceTest(
  "[sig-network] API Server should have Endpoints and EndpointSlices pointing to API Server [Conformance]",
  async () => {
    const { api } = cluster;
    expect((await servicesOf("default").get("kubernetes")).spec?.selector).toBeUndefined();
    const endpoints = await api.get<V1Endpoints>("/api/v1/namespaces/default/endpoints/kubernetes");
    const addresses = (endpoints.subsets ?? []).flatMap((subset) => subset.addresses ?? []);
    const ports = (endpoints.subsets ?? []).flatMap((subset) => subset.ports ?? []);
    expect(addresses).not.toEqual([]);
    const slices = await new Collection<V1EndpointSlice>(
      api,
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
    ).items({ labelSelector: "kubernetes.io/service-name=kubernetes" });
    expect(slices).not.toEqual([]);
    const ofSlices = slices.flatMap((slice) =>
      (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses),
    );
    expect(new Set(ofSlices)).toEqual(new Set(addresses.map(({ ip }) => ip)));
    const portsOfSlices = slices.flatMap((slice) => (slice.ports ?? []).map(({ port }) => port));
    expect(new Set(portsOfSlices)).toEqual(new Set(ports.map(({ port }) => port)));
    // It is the very server that is asked here.
    expect(portsOfSlices).toContain(Number(new URL(cluster.server.server).port));
  },
);

conformanceTest(
  "[sig-network] Services should find a service from listing all namespaces [Conformance]",
  async () => {
    const everywhere = new Collection<V1Service>(cluster.api, "/api/v1/services");
    const found = (await everywhere.items()).filter((service) => nameOf(service) === "kubernetes");
    expect(found.map(({ metadata }) => metadata?.namespace)).toEqual(["default"]);
  },
);

conformanceTest(
  "[sig-network] Services should complete a service status lifecycle [Conformance]",
  async () => {
    const namespace = await cluster.namespace("status");
    const services = servicesOf(namespace);
    const labelSelector = `test=${namespace}`;
    const everywhere = new Collection<V1Service>(cluster.api, "/api/v1/services");
    const { metadata: begin } = await everywhere.list({ labelSelector });
    const watch = await services.watch({ labelSelector, resourceVersion: begin?.resourceVersion ?? "" });
    const ports = [{ name: "http", protocol: "TCP", port: 80, targetPort: 80 }];
    await services.create({
      metadata: { name: "web", labels: { test: namespace } },
      spec: { type: "LoadBalancer", ports },
    });
    await watch.until("ADDED", (service) => nameOf(service) === "web");
    expect((await services.get("web", "status")).status).toEqual({ loadBalancer: {} });

    const loadBalancer = { ingress: [{ ip: "203.0.113.1", ipMode: "VIP" }] };
    const patch = {
      metadata: { annotations: { patchedstatus: "true" } },
      spec: { ports: [{ port: 81 }] },
      status: { loadBalancer: { ingress: [{ ip: "203.0.113.1" }] } },
    };
    const patched = await services.patch("web", patch, { subresource: "status" });
    expect(patched.status).toEqual({ loadBalancer });
    // The status alone changes.
    expect(patched.spec?.ports).toMatchObject([{ port: 80 }]);
    await watch.until("MODIFIED", ({ metadata }) => metadata?.annotations?.patchedstatus === "true");

    // Conditions whose time is null, as a client in Go sends what it has not set.
    const condition = { type: "StatusUpdate", status: "True", reason: "Test", message: "Set by a test" };
    const current = await services.get("web");
    const conditions = [{ ...condition, lastTransitionTime: null }];
    const body = { ...current, status: { ...current.status, conditions } };
    const updated = await cluster.api.call("PUT", services.at("web", "status"), { body });
    expect(updated.status).toBe(200);
    expect(updated.body.status).toMatchObject({ loadBalancer, conditions: [condition] });
    await watch.until("MODIFIED", ({ status }) => status?.conditions?.[0]?.type === "StatusUpdate");

    const label = { metadata: { labels: { "test-service": "patched" } } };
    await services.patch("web", label, { kind: "strategic-merge-patch" });
    await watch.until("MODIFIED", ({ metadata }) => metadata?.labels?.["test-service"] === "patched");
    await services.delete("web");
    const deleted = await watch.until("DELETED");
    expect(deleted.object.metadata?.labels).toMatchObject({ test: namespace });
    watch.stop();
  },
);

conformanceTest("[sig-network] Services should delete a collection of services [Conformance]", async () => {
  const namespace = await cluster.namespace("collection");
  const services = servicesOf(namespace);
  const make = (name: string, port: number, labels: Record<string, string>): Promise<V1Service> =>
    services.create({
      metadata: { name, labels },
      spec: { type: "ClusterIP", ports: [{ name: "http", port, targetPort: port }] },
    });
  await make("one", 8001, { set: "deleted" });
  await make("two", 8002, { set: "kept" });
  await make("three", 8003, { set: "deleted" });
  expect(await services.items()).toHaveLength(3);
  await services.deleteAll({ labelSelector: "set=deleted" });
  expect((await services.items()).map(nameOf)).toEqual(["two"]);
});
