import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../test/framework/test-api-server.ts";

let api: TestApiServer;
beforeAll(async () => {
  api = await TestApiServer.start();
});
afterAll(() => api.close());

const template = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "nginx:1.27" }] },
};
const selector = { matchLabels: { app: "web" } };
const jobTemplate = { ...template, spec: { ...template.spec, restartPolicy: "Never" } };

/** A minimal object of each kind, where it lives, and the cells of its table. */
const workloads = [
  ["apps/v1", "deployments", "Deployment", { selector, template }, ["0/1", 0, 0]],
  ["apps/v1", "replicasets", "ReplicaSet", { selector, template }, [1, 0, 0]],
  ["apps/v1", "statefulsets", "StatefulSet", { selector, template, serviceName: "web" }, ["0/1"]],
  ["apps/v1", "daemonsets", "DaemonSet", { selector, template }, [0, 0, 0, 0, 0, "<none>"]],
  ["batch/v1", "jobs", "Job", { template: jobTemplate }, ["Running", "0/1", ""]],
  [
    "batch/v1",
    "cronjobs",
    "CronJob",
    { schedule: "*/5 * * * *", jobTemplate: { spec: { template: jobTemplate } } },
    ["*/5 * * * *", "<none>", "False", 0, "<none>"],
  ],
  [
    "policy/v1",
    "poddisruptionbudgets",
    "PodDisruptionBudget",
    { minAvailable: 1, selector },
    ["1", "N/A", 0],
  ],
  ["v1", "replicationcontrollers", "ReplicationController", { template }, [1, 0, 0]],
] as const;

function collection(apiVersion: string, resource: string): string {
  return `${apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`}/namespaces/default/${resource}`;
}

for (const [apiVersion, resource, kind, spec, cells] of workloads) {
  test(`${resource}: created with defaults, counted by generation, shown in a table`, async () => {
    const path = collection(apiVersion, resource);
    const created = await api.call("POST", path, {
      body: { apiVersion, kind, metadata: { name: "web" }, spec, status: { observedGeneration: 7 } },
    });
    expect(created.status).toBe(201);
    expect(created.body.metadata.generation).toBe(1);
    expect(created.body.status.observedGeneration).toBeUndefined();

    const table = await api.call("GET", path, {
      headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    });
    expect(table.body.rows[0].cells.slice(0, cells.length + 1)).toEqual(["web", ...cells]);
    expect(table.body.rows[0].cells).toHaveLength(table.body.columnDefinitions.length);

    const patch = { headers: { "content-type": "application/merge-patch+json" } };
    const status = await api.call("PATCH", `${path}/web/status`, {
      ...patch,
      body: {
        status: { observedGeneration: 1, disruptionsAllowed: 2 },
        spec: { paused: true, suspend: true },
      },
    });
    expect(status.status).toBe(200);
    expect(status.body.metadata.generation).toBe(1);
    expect(status.body.spec).toEqual(created.body.spec);

    const field = resource === "poddisruptionbudgets" ? "unhealthyPodEvictionPolicy" : "minReadySeconds";
    const jobs = resource === "jobs" || resource === "cronjobs";
    const changed = await api.call("PATCH", `${path}/web`, {
      ...patch,
      body: { spec: jobs ? { suspend: true } : { [field]: field === "minReadySeconds" ? 5 : "AlwaysAllow" } },
    });
    expect(changed.status).toBe(200);
    expect(changed.body.metadata.generation).toBe(2);
    expect(changed.body.status).toEqual(status.body.status);
  });
}

test("a Deployment gets upstream's defaults, and its Pods' template too", async () => {
  const { spec } = (await api.call("GET", "/apis/apps/v1/namespaces/default/deployments/web")).body;
  expect(spec).toMatchObject({
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
  });
  expect(spec.template.spec).toEqual({
    containers: [
      {
        name: "web",
        image: "nginx:1.27",
        imagePullPolicy: "IfNotPresent",
        resources: {},
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
      },
    ],
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
});

test("a Job's Pods are selected by its uid", async () => {
  const { metadata, spec } = (await api.call("GET", "/apis/batch/v1/namespaces/default/jobs/web")).body;
  expect(spec.selector.matchLabels).toEqual({ "batch.kubernetes.io/controller-uid": metadata.uid });
  expect(spec.template.metadata.labels).toEqual({
    app: "web",
    "batch.kubernetes.io/controller-uid": metadata.uid,
    "batch.kubernetes.io/job-name": "web",
    "controller-uid": metadata.uid,
    "job-name": "web",
  });
});

test("a DaemonSet counts the changes of its template in an annotation", async () => {
  const path = "/apis/apps/v1/namespaces/default/daemonsets/web";
  const annotation = "deprecated.daemonset.template.generation";
  expect((await api.call("GET", path)).body.metadata.annotations[annotation]).toBe("1");
  const body = { spec: { template: { metadata: { labels: { tier: "front" } } } } };
  const headers = { "content-type": "application/merge-patch+json" };
  expect((await api.call("PATCH", path, { headers, body })).body.metadata.annotations[annotation]).toBe("2");
});

test("scale shows and sets replicas, minds versions, and is one kind for all", async () => {
  for (const [apiVersion, resource] of workloads) {
    if (!["deployments", "replicasets", "statefulsets", "replicationcontrollers"].includes(resource))
      continue;
    const path = `${collection(apiVersion, resource)}/web`;
    const { body: scale } = await api.call("GET", `${path}/scale`);
    expect(scale).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "web", namespace: "default" },
      spec: { replicas: 1 },
      status: { replicas: 0, selector: "app=web" },
    });
    const accept = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const { body: shown } = await api.call("GET", `${path}/scale?includeObject=None`, { headers: accept });
    expect(shown.columnDefinitions.map(({ name }: { name: string }) => name)).toEqual([
      "Name",
      "Desired",
      "Available",
      "Age",
    ]);
    expect(shown.rows[0].cells.slice(0, 3)).toEqual(["web", 1, 0]);
    const put = await api.call("PUT", `${path}/scale`, { body: { ...scale, spec: { replicas: 3 } } });
    expect(put.body.spec).toEqual({ replicas: 3 });
    expect((await api.call("GET", path)).body.spec.replicas).toBe(3);
    const stale = await api.call("PUT", `${path}/scale`, { body: { ...scale, spec: { replicas: 4 } } });
    expect(stale.status).toBe(409);
    const headers = { "content-type": "application/merge-patch+json" };
    const patched = await api.call("PATCH", `${path}/scale`, { headers, body: { spec: { replicas: 0 } } });
    expect(patched.body.spec).toEqual({});
    const negative = await api.call("PATCH", `${path}/scale`, { headers, body: { spec: { replicas: -1 } } });
    expect(negative.body.message).toBe(
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    );
  }
  const { body } = await api.call("GET", "/apis/apps/v1");
  expect(body.resources.find(({ name }: { name: string }) => name === "deployments/scale")).toEqual({
    name: "deployments/scale",
    singularName: "",
    namespaced: true,
    group: "autoscaling",
    version: "v1",
    kind: "Scale",
    verbs: ["get", "patch", "update"],
  });
});

test("an autoscaler of v1 and v2 is one object; v1 carries in annotations what it has no fields for", async () => {
  const v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  const v1 = v2.replace("v2", "v1");
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  const memory = {
    type: "Resource",
    resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
  };
  const cpu = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
  };
  const body = {
    metadata: { name: "web" },
    spec: { maxReplicas: 5, scaleTargetRef, metrics: [memory, cpu], behavior: {} },
  };
  const created = await api.call("POST", v2, { body });
  expect(created.status).toBe(201);
  const old = (await api.call("GET", `${v1}/web`)).body;
  expect(old.spec).toEqual({
    maxReplicas: 5,
    minReplicas: 1,
    scaleTargetRef,
    targetCPUUtilizationPercentage: 70,
  });
  expect(JSON.parse(old.metadata.annotations["autoscaling.alpha.kubernetes.io/metrics"])).toEqual([
    { type: "Resource", resource: { name: "memory", targetAverageValue: "1Gi" } },
  ]);
  expect(
    JSON.parse(old.metadata.annotations["autoscaling.alpha.kubernetes.io/behavior"]).ScaleDown.SelectPolicy,
  ).toBe("Max");
  const put = await api.call("PUT", `${v1}/web`, { body: old });
  expect(put.status).toBe(200);
  expect((await api.call("GET", `${v2}/web`)).body.spec).toEqual(created.body.spec);

  const plain = await api.call("POST", v1, {
    body: { metadata: { name: "plain" }, spec: { maxReplicas: 2, scaleTargetRef } },
  });
  expect(plain.body.spec).toEqual({
    maxReplicas: 2,
    minReplicas: 1,
    scaleTargetRef,
    targetCPUUtilizationPercentage: 80,
  });
  const table = await api.call("GET", v2, {
    headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
  });
  expect(table.body.rows.map(({ cells }: { cells: string[] }) => cells.slice(0, 6))).toEqual([
    ["plain", "Deployment/web", "cpu: <unknown>/80%", "1", 2, 0],
    ["web", "Deployment/web", "memory: <unknown>/1Gi, cpu: <unknown>/70%", "1", 5, 0],
  ]);
  const groups = (await api.call("GET", "/apis")).body.groups;
  const { versions, preferredVersion } = groups.find(({ name }: { name: string }) => name === "autoscaling");
  expect(versions.map(({ version }: { version: string }) => version)).toEqual(["v2", "v1"]);
  expect(preferredVersion.version).toBe("v2");
});

test("PodTemplates and ControllerRevisions are kept and listed", async () => {
  const pod = await api.call("POST", "/api/v1/namespaces/default/podtemplates", {
    body: { metadata: { name: "web" }, template },
  });
  expect(pod.status).toBe(201);
  const accept = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
  const templates = await api.call("GET", "/api/v1/namespaces/default/podtemplates", { headers: accept });
  expect(templates.body.rows[0].cells).toEqual(["web", "web", "nginx:1.27", "app=web"]);
  const controller = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "1", controller: true };
  const path = "/apis/apps/v1/namespaces/default/controllerrevisions";
  const body = {
    metadata: { name: "web-1", ownerReferences: [controller] },
    revision: 3,
    data: { spec: {} },
  };
  expect((await api.call("POST", path, { body })).status).toBe(201);
  const revisions = await api.call("GET", path, { headers: accept });
  expect(revisions.body.rows[0].cells.slice(0, 3)).toEqual(["web-1", "statefulset.apps/web", 3]);
});
