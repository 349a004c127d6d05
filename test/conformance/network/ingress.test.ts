/** Ingresses, their classes, and the networks and addresses of Services. */
import { expect } from "bun:test";
import type {
  V1Ingress,
  V1IngressClass,
  V1IPAddress,
  V1ServiceCIDR,
} from "../../../supervisor/api/generated/types.ts";
import { useCluster } from "../support/cluster.ts";
import { annotated, Collection, isNewer, nameOf } from "../support/collection.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { expectDiscovered } from "../support/discovery.ts";
import { checkOperations } from "../support/operations.ts";

const base = "/apis/networking.k8s.io/v1";
const group = { group: "networking.k8s.io", version: "v1" };
const cluster = useCluster();

conformanceTest(
  "[sig-network] Ingress API should support creating Ingress API operations [Conformance]",
  async () => {
    const { api } = cluster;
    await expectDiscovered(api, { ...group, resources: ["ingresses", "ingresses/status"] });
    const namespace = await cluster.namespace("ingress");
    const objects = new Collection<V1Ingress>(api, `${base}/namespaces/${namespace}/ingresses`);
    const backend = { service: { name: "default-backend", port: { number: 8080 } } };
    const paths = [{ path: "/", pathType: "ImplementationSpecific", backend }];
    const addressOf = (object: V1Ingress): string | undefined =>
      object.status?.loadBalancer?.ingress?.[0]?.ip;
    await checkOperations({
      objects,
      everywhere: new Collection<V1Ingress>(api, `${base}/ingresses`),
      label: namespace,
      make: () => ({
        metadata: { generateName: "ingress" },
        spec: { defaultBackend: backend, rules: [{ host: "foo.example.com", http: { paths } }] },
      }),
      further: async (name) => {
        const patch = {
          metadata: { annotations: { patchedstatus: "true" } },
          spec: { ingressClassName: "other" },
          status: { loadBalancer: { ingress: [{ ip: "169.1.1.1" }] } },
        };
        const patched = await objects.patch(name, patch, { subresource: "status" });
        expect(addressOf(patched)).toBe("169.1.1.1");
        expect(patched.metadata?.annotations).toMatchObject({ patchedstatus: "true" });
        // The status alone changes.
        expect(patched.spec?.ingressClassName).toBeUndefined();
        const status = { loadBalancer: { ingress: [{ ip: "169.1.1.2" }] } };
        const updated = await objects.update(name, (object) => ({ ...object, status }), "status");
        expect(addressOf(updated)).toBe("169.1.1.2");
        const read = await objects.get(name, "status");
        expect(read.metadata?.uid).toBe(updated.metadata?.uid ?? "");
        expect(addressOf(read)).toBe("169.1.1.2");
      },
    });
  },
);

conformanceTest(
  "[sig-network] IngressClass API should support creating IngressClass API operations [Conformance]",
  async () => {
    await expectDiscovered(cluster.api, { ...group, resources: ["ingressclasses"] });
    await checkOperations({
      objects: new Collection<V1IngressClass>(cluster.api, `${base}/ingressclasses`),
      label: "classes",
      make: (number) => ({
        metadata: { name: `class-${number}` },
        spec: { controller: "example.com/controller" },
      }),
    });
  },
);

conformanceTest(
  "[sig-network] ServiceCIDR and IPAddress API should support ServiceCIDR API operations [Conformance]",
  async () => {
    await expectDiscovered(cluster.api, { ...group, resources: ["servicecidrs", "servicecidrs/status"] });
    const networks = new Collection<V1ServiceCIDR>(cluster.api, `${base}/servicecidrs`);
    const first = await networks.get("kubernetes");
    expect(first.spec?.cidrs).toEqual(["10.43.0.0/16"]);
    const status = await networks.get("kubernetes", "status");
    expect(status).toMatchObject({ apiVersion: "networking.k8s.io/v1", kind: "ServiceCIDR" });
    expect(status.metadata?.uid).toBe(first.metadata?.uid ?? "");
    expect((await networks.items()).map(nameOf)).toEqual(["kubernetes"]);
    const watch = await networks.watch();
    await watch.until("ADDED", (network) => nameOf(network) === "kubernetes");
    watch.stop();
  },
);

conformanceTest(
  "[sig-network] ServiceCIDR and IPAddress API should support IPAddress API operations [Conformance]",
  async () => {
    await expectDiscovered(cluster.api, { ...group, resources: ["ipaddresses"] });
    const addresses = new Collection<V1IPAddress>(cluster.api, `${base}/ipaddresses`);
    const parentRef = { group: "mygroup", resource: "myresources", namespace: "foo", name: "bar" };
    const make = (name: string, type: string): Promise<V1IPAddress> =>
      addresses.create({ metadata: { name, labels: { type } }, spec: { parentRef } });
    const ipv4 = "255.255.255.255";
    const ipv6 = "fe80::42:1dff:fe84:f9e2";
    const created = await make(ipv4, "broadcast");
    await make(ipv6, "link-local");
    const patched = await addresses.patch(ipv4, { metadata: { annotations: { patched: "true" } } });
    expect(patched.metadata?.annotations).toMatchObject({ patched: "true" });
    expect(isNewer(created, patched)).toBe(true);
    const updated = await addresses.update(ipv4, (object) => annotated(object, "updated"));
    expect(updated.metadata?.annotations).toMatchObject({ patched: "true", updated: "true" });
    expect((await addresses.get(ipv4)).spec).toEqual({ parentRef });
    expect((await addresses.items({ labelSelector: "type=broadcast" })).map(nameOf)).toEqual([ipv4]);
    const watch = await addresses.watch({ labelSelector: "type=broadcast" });
    await watch.until("ADDED", (object) => nameOf(object) === ipv4);
    await addresses.delete(ipv4);
    await watch.until("DELETED");
    watch.stop();
    await addresses.deleteAll({ labelSelector: "type=link-local" });
    expect(await addresses.items({ labelSelector: "type=link-local" })).toEqual([]);
    expect(await addresses.statusOf(ipv6)).toBe(404);
  },
);
