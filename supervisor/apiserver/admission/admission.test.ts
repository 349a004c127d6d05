import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

let server: TestApiServer;
const core = "/api/v1";

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

async function make(path: string, body: object) {
  const answer = await server.call("POST", path, { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

async function namespace(name: string, labels: object = {}): Promise<string> {
  await make(`${core}/namespaces`, { metadata: { name, labels } });
  return `${core}/namespaces/${name}`;
}

function pod(name: string, spec: object = {}, container: object = {}) {
  return { metadata: { name }, spec: { containers: [{ name: "c", image: "i", ...container }], ...spec } };
}

const patch = { "content-type": "application/merge-patch+json" };

test("LimitRanger: containers get defaults, and bounds hold", async () => {
  const path = await namespace("limits");
  const bounds = { min: { memory: "64Mi" }, max: { cpu: "2" }, maxLimitRequestRatio: { cpu: "4" } };
  const item = { type: "Container", default: { cpu: "1", memory: "128Mi" } };
  const defaultRequest = { cpu: "500m", memory: "128Mi" };
  const ofClaims = { type: "PersistentVolumeClaim", max: { storage: "1Gi" } };
  const limits = [
    { ...item, defaultRequest, ...bounds },
    { type: "Pod", max: { memory: "256Mi" } },
    ofClaims,
  ];
  await make(`${path}/limitranges`, { metadata: { name: "r" }, spec: { limits } });
  const made = await make(`${path}/pods`, pod("plain"));
  expect(made.metadata.annotations["kubernetes.io/limit-ranger"]).toBe(
    "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c",
  );
  expect(made.spec.containers[0].resources).toEqual({
    limits: { cpu: "1", memory: "128Mi" },
    requests: { cpu: "500m", memory: "128Mi" },
  });
  const refused = await server.call("POST", `${path}/pods`, {
    body: pod("big", {}, { resources: { limits: { cpu: "3" }, requests: { cpu: "100m", memory: "1Mi" } } }),
  });
  expect(refused.body.message).toBe(
    'pods "big" is forbidden: [minimum memory usage per Container is 64Mi, but request is 1Mi, maximum cpu usage per Container is 2, but limit is 3, cpu max limit to request ratio per Container is 4, but provided ratio is 30.000000]',
  );
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } };
  const claim = await server.call("POST", `${path}/persistentvolumeclaims`, {
    body: { metadata: { name: "c" }, spec },
  });
  expect(claim.body.message).toBe(
    'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
  );
});

test("Priority: a Pod gets the number of its class", async () => {
  const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
  await make(classes, { metadata: { name: "high" }, value: 1000, preemptionPolicy: "Never" });
  const made = await make(`${core}/namespaces/default/pods`, pod("high", { priorityClassName: "high" }));
  expect(made.spec).toMatchObject({ priority: 1000, preemptionPolicy: "Never", priorityClassName: "high" });
  const none = await server.call("POST", `${core}/namespaces/default/pods`, {
    body: pod("none", { priorityClassName: "nobody" }),
  });
  expect(none.body.message).toBe('pods "none" is forbidden: no PriorityClass with name nobody was found');
  await make(classes, { metadata: { name: "standard" }, value: 7, globalDefault: true });
  const second = await server.call("POST", classes, {
    body: { metadata: { name: "other" }, value: 8, globalDefault: true },
  });
  expect(second.body.message).toContain(
    "PriorityClass standard is already marked as default. Only one default can exist",
  );
  const plain = await make(`${core}/namespaces/default/pods`, pod("standard"));
  expect(plain.spec).toMatchObject({ priority: 7, priorityClassName: "standard" });
  await server.call("DELETE", `${classes}/standard`);
});

test("RuntimeClass: overhead and scheduling are the class's", async () => {
  const scheduling = { nodeSelector: { vm: "yes" }, tolerations: [{ key: "vm", operator: "Exists" }] };
  await make("/apis/node.k8s.io/v1/runtimeclasses", {
    metadata: { name: "vm" },
    handler: "vm",
    overhead: { podFixed: { memory: "30Mi" } },
    scheduling,
  });
  const made = await make(
    `${core}/namespaces/default/pods`,
    pod("vm", {
      runtimeClassName: "vm",
      tolerations: [{ key: "vm", operator: "Exists", effect: "NoSchedule" }],
    }),
  );
  expect(made.spec).toMatchObject({ overhead: { memory: "30Mi" }, nodeSelector: { vm: "yes" } });
  expect(made.spec.tolerations.filter(({ key }: { key: string }) => key === "vm")).toEqual([
    { key: "vm", operator: "Exists" },
  ]);
  const refusalOf = async (spec: object) =>
    (await server.call("POST", `${core}/namespaces/default/pods`, { body: pod("no", spec) })).body;
  expect((await refusalOf({ runtimeClassName: "none" })).message).toBe(
    'pods "no" is forbidden: pod rejected: RuntimeClass "none" not found',
  );
  expect((await refusalOf({ overhead: { cpu: "1" } })).code).toBe(403);
  expect((await refusalOf({ runtimeClassName: "vm", nodeSelector: { vm: "no" } })).message).toContain(
    "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no",
  );
});

test("classes that are default are filled in, and storage is guarded", async () => {
  const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
  const classes = "/apis/storage.k8s.io/v1/storageclasses";
  await make(classes, { metadata: { name: "gold", annotations }, provisioner: "example.com/p" });
  const claims = `${core}/namespaces/default/persistentvolumeclaims`;
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  const claim = await make(claims, { metadata: { name: "data" }, spec });
  expect(claim.spec.storageClassName).toBe("gold");
  expect(claim.metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
  const grown = { spec: { resources: { requests: { storage: "2Gi" } } } };
  const grow = () => server.call("PATCH", `${claims}/data`, { body: grown, headers: patch });
  expect((await grow()).body.message).toContain("spec is immutable after creation except");
  const bound = { body: { status: { phase: "Bound" } }, headers: patch };
  expect((await server.call("PATCH", `${claims}/data/status`, bound)).status).toBe(200);
  const late = await grow();
  expect(late.status).toBe(403);
  expect(late.body.message).toContain("the storageclass that provisions the pvc must support resize");
});

test("PodSecurity: what a level forbids is refused or warned of", async () => {
  const path = await namespace("strict", {
    "pod-security.kubernetes.io/enforce": "baseline",
    "pod-security.kubernetes.io/warn": "restricted",
    "pod-security.kubernetes.io/warn-version": "v1.30",
  });
  const refused = await server.call("POST", `${path}/pods`, {
    body: pod("bad", { hostNetwork: true }, { securityContext: { privileged: true } }),
  });
  expect(refused.body.message).toBe(
    'pods "bad" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), privileged (container "c" must not set securityContext.privileged=true)',
  );
  const taken = await server.call("POST", `${path}/pods`, { body: pod("lax") });
  expect(taken.status).toBe(201);
  expect(taken.headers.get("warning")).toContain(
    'would violate PodSecurity \\"restricted:v1.30\\": allowPrivilegeEscalation != false (container \\"c\\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \\"c\\" must set securityContext.capabilities.drop=[\\"ALL\\"]), runAsNonRoot != true (pod or container \\"c\\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \\"c\\" must set securityContext.seccompProfile.type to \\"RuntimeDefault\\" or \\"Localhost\\")',
  );
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const stricter = await server.call("PATCH", path, { body: { metadata: { labels } }, headers: patch });
  const warning = stricter.headers.get("warning");
  expect(warning).toContain(
    'existing pods in namespace \\"strict\\" violate the new PodSecurity enforce level',
  );
  expect(warning).toContain(
    "lax: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot",
  );
  const wrong = await server.call("PATCH", path, {
    body: { metadata: { labels: { "pod-security.kubernetes.io/audit": "none" } } },
    headers: patch,
  });
  expect(wrong.body.message).toContain(
    'metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "none": must be one of privileged, baseline, restricted',
  );
});

test("PodTopologyLabels: a Pod is where its Node is", async () => {
  const labels = { "topology.kubernetes.io/zone": "z1", other: "x" };
  await make(`${core}/nodes`, { metadata: { name: "n1", labels } });
  await make(`${core}/namespaces/default/pods`, pod("placed"));
  await make(`${core}/namespaces/default/pods/placed/binding`, { target: { kind: "Node", name: "n1" } });
  const { body } = await server.call("GET", `${core}/namespaces/default/pods/placed`);
  expect(body.metadata.labels).toEqual({ "topology.kubernetes.io/zone": "z1" });
});
