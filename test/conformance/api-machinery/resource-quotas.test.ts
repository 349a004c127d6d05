import { expect } from "bun:test";
import type { V1Pod, V1ResourceQuota } from "../../../supervisor/api/generated/types.ts";
import type { KubernetesList } from "../../../supervisor/client/types.ts";
import { useCluster } from "../support/cluster.ts";
import { conformanceTest } from "../support/conformance-test.ts";
import { dongle, QuotaSpace } from "./quota-space.ts";

const cluster = useCluster();
const open = (): Promise<QuotaSpace> => QuotaSpace.open(cluster);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated. [Conformance]",
  async () => {
    const space = await open();
    await space.limit("quota");
    await space.uses("quota", { resourcequotas: "1", pods: "0", "requests.storage": "0" });
    const { spec, status } = await space.quota("quota");
    expect(status?.hard).toEqual(spec?.hard ?? {});
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. [Conformance]",
  async () => {
    const space = await open();
    await space.limit("quota");
    await space.uses("quota", { resourcequotas: "1", services: "0" });
    const service = (name: string, type: string): object => ({
      metadata: { name },
      spec: { type, ports: [{ port: 80, targetPort: 80 }] },
    });
    await space.create("services", service("inside", "ClusterIP"));
    await space.create("services", service("node-port", "NodePort"));
    const refused = await space.refused("services", service("balanced", "LoadBalancer"));
    expect(refused).toContain(
      "exceeded quota: quota, requested: services.nodeports=1, used: services.nodeports=1",
    );
    await space.uses("quota", { services: "2", "services.nodeports": "1", "services.loadbalancers": "0" });
    await space.delete("services", "inside");
    await space.delete("services", "node-port");
    await space.uses("quota", { services: "0", "services.nodeports": "0" });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret. [Conformance]",
  async () => {
    const space = await open();
    const before = await space.count("secrets");
    await space.limit("quota", { secrets: String(before + 1) });
    await space.uses("quota", { secrets: String(before) });
    await space.create("secrets", { metadata: { name: "one" }, stringData: { key: "value" } });
    await space.uses("quota", { secrets: String(before + 1) });
    expect(await space.refused("secrets", { metadata: { name: "two" } })).toContain("exceeded quota: quota");
    await space.delete("secrets", "one");
    await space.uses("quota", { secrets: String(before) });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap. [Conformance]",
  async () => {
    const space = await open();
    // The authority's certificate comes into every namespace.
    await cluster.api.get(`/api/v1/namespaces/${space.namespace}/configmaps/kube-root-ca.crt`);
    const before = await space.count("configmaps");
    await space.limit("quota", { configmaps: String(before + 1) });
    await space.uses("quota", { configmaps: String(before) });
    await space.create("configmaps", { metadata: { name: "one" }, data: { key: "value" } });
    await space.uses("quota", { configmaps: String(before + 1) });
    expect(await space.refused("configmaps", { metadata: { name: "two" } })).toContain(
      "exceeded quota: quota",
    );
    await space.delete("configmaps", "one");
    await space.uses("quota", { configmaps: String(before) });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller. [Conformance]",
  async () => {
    const space = await open();
    await space.limit("quota");
    await space.uses("quota", { replicationcontrollers: "0" });
    const labels = { name: "rc" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "pause", image: "pause" }] } };
    await space.create("replicationcontrollers", {
      metadata: { name: "rc" },
      spec: { replicas: 0, selector: labels, template },
    });
    await space.uses("quota", { replicationcontrollers: "1" });
    await space.delete("replicationcontrollers", "rc");
    await space.uses("quota", { replicationcontrollers: "0" });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set. [Conformance]",
  async () => {
    const space = await open();
    await space.limit("quota");
    await space.uses("quota", { "count/replicasets.apps": "0" });
    const labels = { name: "rs" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "pause", image: "pause" }] } };
    const content = {
      metadata: { name: "rs" },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    };
    await space.create("replicasets", content);
    await space.uses("quota", { "count/replicasets.apps": "1" });
    await space.delete("replicasets", "rs");
    await space.uses("quota", { "count/replicasets.apps": "0" });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]",
  async () => {
    const space = await open();
    await space.limit("quota");
    await space.uses("quota", { resourcequotas: "1", pods: "0" });
    const requests = { cpu: "500m", memory: "252Mi", "ephemeral-storage": "30Gi", [dongle]: "2" };
    const pod = await space.create<V1Pod>("pods", space.pod("fits", { requests, limits: { [dongle]: "2" } }));
    const used = {
      pods: "1",
      cpu: "500m",
      memory: "252Mi",
      "ephemeral-storage": "30Gi",
      [`requests.${dongle}`]: "2",
    };
    await space.uses("quota", used);
    const tooMuch = space.pod("too-much", {
      requests: { cpu: "600m", memory: "100Mi", "ephemeral-storage": "1Gi" },
    });
    expect(await space.refused("pods", tooMuch)).toContain(
      "exceeded quota: quota, requested: cpu=600m, used: cpu=500m, limited: cpu=1",
    );
    const tooMany = space.pod("too-many", {
      requests: { cpu: "500m", memory: "100Mi", "ephemeral-storage": "10Gi", [dongle]: "2" },
      limits: { [dongle]: "2" },
    });
    expect(await space.refused("pods", tooMany)).toContain(
      `exceeded quota: quota, requested: requests.${dongle}=2, used: requests.${dongle}=2, limited: requests.${dongle}=3`,
    );
    const [container] = pod.spec?.containers ?? [];
    const changed = {
      ...container,
      resources: { ...container?.resources, requests: { cpu: "100m", memory: "100Mi" } },
    };
    const { resourceVersion: _version, ...metadata } = pod.metadata ?? {};
    const body = { ...pod, metadata, spec: { ...pod.spec, containers: [changed] } };
    const update = await cluster.api.call("PUT", `${space.path("pods")}/fits`, { body });
    expect(update.status).toBe(422);
    await space.uses("quota", used);
    await space.delete("pods", "fits");
    await space.uses("quota", {
      pods: "0",
      cpu: "0",
      memory: "0",
      "ephemeral-storage": "0",
      [`requests.${dongle}`]: "0",
    });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. [Conformance]",
  async () => {
    const space = await open();
    const hard = {
      pods: "5",
      "requests.cpu": "1",
      "requests.memory": "500Mi",
      "limits.cpu": "2",
      "limits.memory": "1Gi",
    };
    await space.limitOnly("terminating", { hard, scopes: ["Terminating"] });
    await space.limitOnly("lasting", { hard, scopes: ["NotTerminating"] });
    const none = {
      pods: "0",
      "requests.cpu": "0",
      "requests.memory": "0",
      "limits.cpu": "0",
      "limits.memory": "0",
    };
    await space.uses("terminating", none);
    await space.uses("lasting", none);
    const resources = {
      requests: { cpu: "500m", memory: "200Mi" },
      limits: { cpu: "1", memory: "400Mi" },
    };
    const one = {
      pods: "1",
      "requests.cpu": "500m",
      "requests.memory": "200Mi",
      "limits.cpu": "1",
      "limits.memory": "400Mi",
    };
    await space.create("pods", space.pod("lasts", resources));
    await space.uses("lasting", one);
    await space.uses("terminating", none);
    await space.delete("pods", "lasts");
    await space.uses("lasting", none);
    await space.create("pods", space.pod("ends", resources, { activeDeadlineSeconds: 3600 }));
    await space.uses("terminating", one);
    await space.uses("lasting", none);
    await space.delete("pods", "ends");
    await space.uses("terminating", none);
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]",
  async () => {
    const space = await open();
    await space.limitOnly("best-effort", { hard: { pods: "5" }, scopes: ["BestEffort"] });
    await space.limitOnly("not-best-effort", { hard: { pods: "5" }, scopes: ["NotBestEffort"] });
    await space.uses("best-effort", { pods: "0" });
    await space.uses("not-best-effort", { pods: "0" });
    await space.create("pods", space.pod("best-effort", {}));
    await space.uses("best-effort", { pods: "1" });
    await space.uses("not-best-effort", { pods: "0" });
    await space.delete("pods", "best-effort");
    await space.uses("best-effort", { pods: "0" });
    const resources = { requests: { cpu: "500m", memory: "200Mi" }, limits: { cpu: "1", memory: "400Mi" } };
    await space.create("pods", space.pod("burstable", resources));
    await space.uses("not-best-effort", { pods: "1" });
    await space.uses("best-effort", { pods: "0" });
    await space.delete("pods", "burstable");
    await space.uses("not-best-effort", { pods: "0" });
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. [Conformance]",
  async () => {
    const space = await open();
    const path = `${space.path("resourcequotas")}/quota`;
    await space.limitOnly("quota", { hard: { cpu: "1", memory: "500Mi" } });
    expect((await space.quota("quota")).spec?.hard).toEqual({ cpu: "1", memory: "500Mi" });
    const hard = { cpu: "2", memory: "1Gi" };
    const updated = await cluster.api.update<V1ResourceQuota>(path, (found) => ({
      ...found,
      spec: { hard },
    }));
    expect(updated.spec?.hard).toEqual(hard);
    expect((await space.quota("quota")).spec?.hard).toEqual(hard);
    await cluster.api.delete(path);
    expect((await cluster.api.call("GET", path)).status).toBe(404);
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]",
  async () => {
    const space = await open();
    const label = Math.random().toString(36).slice(2);
    const metadata = { name: "quota", labels: { lifecycle: label } };
    await space.create("resourcequotas", { metadata, spec: { hard: { cpu: "1", memory: "500Mi" } } });
    const everywhere = `/api/v1/resourcequotas?labelSelector=lifecycle=${label}`;
    expect((await cluster.api.get<KubernetesList<V1ResourceQuota>>(everywhere)).items).toHaveLength(1);
    const path = space.path("resourcequotas");
    const patch = { metadata: { labels: { quota: "patched" } }, spec: { hard: { memory: "750Mi" } } };
    const patched = await cluster.api.patch<V1ResourceQuota>(`${path}/quota`, patch, "strategic-merge-patch");
    expect(patched.metadata?.labels).toEqual({ lifecycle: label, quota: "patched" });
    expect(patched.spec?.hard).toEqual({ cpu: "1", memory: "750Mi" });
    await cluster.api.delete(`${path}?labelSelector=quota=patched`);
    expect((await cluster.api.call("GET", `${path}/quota`)).status).toBe(404);
  },
);

conformanceTest(
  "[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]",
  async () => {
    const space = await open();
    const path = `${space.path("resourcequotas")}/quota`;
    const small = { cpu: "500m", memory: "500Mi" };
    const large = { cpu: "1", memory: "1Gi" };
    await space.limitOnly("quota", { hard: small });
    const hardOf = ({ status }: V1ResourceQuota): string => JSON.stringify(status?.hard ?? {});
    const watch = await cluster.api.watch<V1ResourceQuota>(
      `${space.path("resourcequotas")}?fieldSelector=metadata.name=quota`,
    );
    await cluster.api.update<V1ResourceQuota>(`${path}/status`, (found) => ({
      ...found,
      status: { hard: small },
    }));
    await watch.until("MODIFIED", (quota) => hardOf(quota) === JSON.stringify(small));
    await cluster.api.patch<V1ResourceQuota>(path, { spec: { hard: large } }, "strategic-merge-patch");
    await cluster.api.patch(`${path}/status`, { status: { hard: large } }, "strategic-merge-patch");
    await watch.until("MODIFIED", (quota) => hardOf(quota) === JSON.stringify(large));
    expect((await cluster.api.get<V1ResourceQuota>(`${path}/status`)).status?.hard).toEqual(large);
    const wrong = { cpu: "2", memory: "2Gi" };
    const repatched = await cluster.api.patch<V1ResourceQuota>(`${path}/status`, { status: { hard: wrong } });
    expect(repatched.status?.hard).toEqual(wrong);
    expect(repatched.spec?.hard).toEqual(large);
    await watch.until("MODIFIED", (quota) => hardOf(quota) === JSON.stringify(wrong));
    // The controller puts right what does not follow from the spec.
    await watch.until("MODIFIED", (quota) => hardOf(quota) === JSON.stringify(large));
    expect((await space.quota("quota")).spec?.hard).toEqual(large);
    watch.stop();
  },
);
