/** Quotas, the garbage collector and endpoints, by controllers that have no more rights than upstream's. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { V1EndpointSlice, V1ResourceQuota, V1Service } from "../../../supervisor/api/generated/types.ts";
import { isForbidden, isNotFound } from "../../../supervisor/apimachinery/errors.ts";
import type { KubernetesObject, ResourceClient } from "../../../supervisor/client/types.ts";
import { startTestSupervisor, type TestSupervisor } from "../../framework/test-supervisor.ts";
import { waitUntil } from "../../framework/wait-until.ts";

let supervisor: TestSupervisor;

beforeAll(async () => {
  supervisor = await startTestSupervisor({ disabled: ["scheduler"] });
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget" },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
  await client("apiextensions.k8s.io", "customresourcedefinitions").create(definition);
});

afterAll(() => supervisor.stop());

function client<T extends KubernetesObject = KubernetesObject>(
  group: string,
  resource: string,
  namespace?: string,
): ResourceClient<T> {
  return supervisor.admin.resource<T>({ group, version: "v1", resource }, namespace);
}

async function isGone(objects: ResourceClient<KubernetesObject>, name: string): Promise<boolean> {
  return objects.get(name).then(
    () => false,
    (error: unknown) => isNotFound(error),
  );
}

function owned(kind: string, apiVersion: string, name: string, owner: KubernetesObject): KubernetesObject {
  const { name: ownerName = "", uid = "" } = owner.metadata ?? {};
  const reference = { apiVersion: "example.com/v1", kind: "Widget", name: ownerName, uid };
  return {
    apiVersion,
    kind,
    metadata: { name, ownerReferences: [{ ...reference, blockOwnerDeletion: true }] },
  };
}

function widget(name: string): KubernetesObject {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name } };
}

test("custom resources are counted by quotas, and own and are owned", async () => {
  await client("", "namespaces").create({ metadata: { name: "custom" } });
  const quotas = client<V1ResourceQuota>("", "resourcequotas", "custom");
  const hard = { "count/widgets.example.com": "2" };
  await quotas.create({ metadata: { name: "q" }, spec: { hard } });
  const usedOf = async () => (await quotas.get("q")).status?.used?.["count/widgets.example.com"];
  await waitUntil(async () => (await usedOf()) === "0");
  const widgets = client("example.com", "widgets", "custom");
  const maps = client("", "configmaps", "custom");
  const owner = await waitUntil(() => widgets.create(widget("owner")).catch(() => undefined));
  await widgets.create(owned("Widget", "example.com/v1", "child", owner));
  await maps.create(owned("ConfigMap", "v1", "map", owner));
  const refused = await widgets.create(widget("third")).catch((error: unknown) => error);
  expect(isForbidden(refused)).toBe(true);
  expect(String(refused)).toContain("exceeded quota: q, requested: count/widgets.example.com=1");
  await widgets.delete("owner", { propagationPolicy: "Foreground" });
  await waitUntil(() => isGone(widgets, "owner"));
  expect(await isGone(widgets, "child")).toBe(true);
  expect(await isGone(maps, "map")).toBe(true);
  await waitUntil(async () => (await usedOf()) === "0");
});

test("orphans stay without their owner", async () => {
  const widgets = client("example.com", "widgets", "default");
  const maps = client("", "configmaps", "default");
  const owner = await widgets.create(widget("parting"));
  await maps.create(owned("ConfigMap", "v1", "orphan", owner));
  await widgets.delete("parting", { propagationPolicy: "Orphan" });
  await waitUntil(() => isGone(widgets, "parting"));
  expect((await maps.get("orphan")).metadata?.ownerReferences).toBeUndefined();
});

test("a Service's slices and Endpoints come and go with it", async () => {
  const services = client<V1Service>("", "services", "default");
  const slices = client<V1EndpointSlice>("discovery.k8s.io", "endpointslices", "default");
  const spec = { selector: { app: "none" }, ports: [{ port: 80 }] };
  await services.create({ metadata: { name: "web" }, spec });
  const labelSelector = "kubernetes.io/service-name=web";
  await waitUntil(async () => (await slices.list({ labelSelector })).items.length === 1);
  await waitUntil(async () => !(await isGone(client("", "endpoints", "default"), "web")));
  await services.delete("web");
  await waitUntil(async () => (await slices.list({ labelSelector })).items.length === 0);
  await waitUntil(() => isGone(client("", "endpoints", "default"), "web"));
});

test("a namespace goes with all that custom resources are in it", async () => {
  const namespaces = client("", "namespaces");
  await client("example.com", "widgets", "custom").create(widget("last"));
  await namespaces.delete("custom");
  await waitUntil(() => isGone(namespaces, "custom"));
});
