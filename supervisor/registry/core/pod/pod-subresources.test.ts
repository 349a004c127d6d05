import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

let api: TestApiServer;
let count = 0;
let name = "";
const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const headers = { "content-type": "application/strategic-merge-patch+json" };

beforeAll(async () => {
  api = await TestApiServer.start();
});
afterAll(() => api.close());
beforeEach(() => {
  name = `web-${++count}`;
});

/** Makes a Pod that runs on a node. */
async function runPod(spec: object = {}, ready = true): Promise<void> {
  const containers = [
    { name: "main", image: "nginx", resources: { requests: { cpu: "1" }, limits: { cpu: "2" } } },
  ];
  const metadata = { name, labels: { app: name } };
  const created = await api.call("POST", pods, {
    body: { metadata, spec: { nodeName: "n1", containers, ...spec } },
  });
  expect(created.status).toBe(201);
  const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
  const reported = await api.call("PATCH", `${pods}/${name}/status`, {
    headers,
    body: { status: { phase: "Running", conditions } },
  });
  expect(reported.status).toBe(200);
}

async function makeBudget(status: object, spec: object = { minAvailable: 1 }): Promise<void> {
  const selector = { matchLabels: { app: name } };
  await api.call("POST", budgets, { body: { metadata: { name }, spec: { selector, ...spec } } });
  const body = { status: { observedGeneration: 1, ...status } };
  expect((await api.call("PATCH", `${budgets}/${name}/status`, { headers, body })).status).toBe(200);
}

const evict = (options: object = {}, query = "") =>
  api.call("POST", `${pods}/${name}/eviction${query}`, {
    body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "default" }, ...options },
  });

const isGoing = async () => {
  const { status, body } = await api.call("GET", `${pods}/${name}`);
  return status === 404 || body.metadata.deletionTimestamp !== undefined;
};

test("a Pod without a budget is evicted; by another name it is not", async () => {
  await runPod();
  const other = await evict({ metadata: { name: "other" } });
  expect(other.body.message).toBe("name in URL does not match name in Eviction object");
  const { status, body } = await evict();
  expect([status, body.status]).toEqual([201, "Success"]);
  expect(await isGoing()).toBe(true);
});

test("a budget that allows a disruption counts it, and says when none is left", async () => {
  await runPod();
  await makeBudget({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 });
  expect((await evict({}, "?dryRun=All")).status).toBe(201);
  expect(await isGoing()).toBe(false);
  expect((await evict()).status).toBe(201);
  const { body } = await api.call("GET", `${budgets}/${name}`);
  expect(body.status.disruptionsAllowed).toBe(0);
  expect(Object.keys(body.status.disruptedPods)).toEqual([name]);
  expect(body.status.conditions).toMatchObject([
    { type: "DisruptionAllowed", status: "False", reason: "InsufficientPods" },
  ]);
  expect(await isGoing()).toBe(true);
});

test("a budget that allows none refuses with its cause, and one that is not counted yet asks to come again", async () => {
  await runPod();
  await makeBudget({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 });
  const { status, body } = await evict();
  expect(status).toBe(429);
  expect(body).toMatchObject({
    reason: "TooManyRequests",
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: "DisruptionBudget",
          message: `The disruption budget ${name} needs 1 healthy pods and has 1 currently`,
        },
      ],
    },
  });
  await api.call("PATCH", `${budgets}/${name}`, { headers, body: { spec: { minAvailable: 2 } } });
  const early = await evict();
  expect(early.headers.get("retry-after")).toBe("10");
  expect(early.body.details.causes[0].message).toBe(
    `The disruption budget ${name} is still being processed by the server.`,
  );
  expect(await isGoing()).toBe(false);
});

test("a Pod that is not ready goes where its budget is met without it, or says that it may", async () => {
  await runPod({}, false);
  await makeBudget({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 1, expectedPods: 1 });
  expect((await evict()).status).toBe(429);
  const body = { spec: { unhealthyPodEvictionPolicy: "AlwaysAllow" } };
  await api.call("PATCH", `${budgets}/${name}`, { headers, body });
  expect((await evict()).status).toBe(201);
  expect(await isGoing()).toBe(true);
});

test("two budgets for one Pod are one too many; preconditions are minded", async () => {
  await runPod();
  const wrong = await evict({ deleteOptions: { preconditions: { uid: "other" } } });
  expect(wrong.status).toBe(409);
  const status = { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 };
  await makeBudget(status);
  const spec = { selector: { matchLabels: { app: name } }, minAvailable: 1 };
  await api.call("POST", budgets, { body: { metadata: { name: `${name}-more` }, spec } });
  const { status: code, body } = await evict();
  expect(code).toBe(500);
  expect(body.message).toBe(
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
  );
});

test("containers that look into a Pod are added, and neither changed nor taken away", async () => {
  await runPod();
  const path = `${pods}/${name}/ephemeralcontainers`;
  const add = (container: object) =>
    api.call("PATCH", path, {
      headers,
      body: { spec: { ephemeralContainers: [container], hostname: "ignored" } },
    });
  const added = await add({ name: "debug", image: "busybox:1", targetContainerName: "main" });
  expect(added.status).toBe(200);
  expect(added.body.spec.ephemeralContainers[0]).toMatchObject({
    name: "debug",
    imagePullPolicy: "IfNotPresent",
  });
  expect(added.body.spec.hostname).toBeUndefined();
  expect(added.body.metadata.generation).toBe(2);
  const changed = await add({ name: "debug", image: "busybox:2" });
  expect(changed.body.message).toStartWith(
    `Pod "${name}" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed`,
  );
  const ported = await add({ name: "more", image: "busybox:1", ports: [{ containerPort: 80 }] });
  expect(ported.body.details.causes[0]).toMatchObject({
    field: "spec.ephemeralContainers[0].ports",
    message: "Forbidden: cannot be set for an Ephemeral Container",
  });
  const direct = await api.call("PATCH", `${pods}/${name}`, {
    headers,
    body: { spec: { ephemeralContainers: [{ name: "x", image: "y" }] } },
  });
  expect(direct.status).toBe(422);
});

test("requests and limits of a running Pod change by resize alone, within its class", async () => {
  await runPod();
  const path = `${pods}/${name}/resize`;
  const resize = (resources: object) =>
    api.call("PATCH", path, { headers, body: { spec: { containers: [{ name: "main", resources }] } } });
  const resized = await resize({ requests: { cpu: "1500m" } });
  expect(resized.status).toBe(200);
  expect(resized.body.spec.containers[0].resources).toEqual({
    requests: { cpu: "1500m" },
    limits: { cpu: "2" },
  });
  expect(resized.body.metadata.generation).toBe(2);
  const refused: ReadonlyArray<readonly [object, string]> = [
    [
      { limits: { cpu: null } },
      "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
    ],
    [{ limits: { "a.io/gpu": "1" } }, "spec: Forbidden: only cpu and memory resources are mutable"],
  ];
  for (const [change, text] of refused) expect((await resize(change)).body.message).toContain(text);
  const direct = await api.call("PATCH", `${pods}/${name}`, {
    headers,
    body: { spec: { containers: [{ name: "main", resources: { requests: { cpu: "1" } } }] } },
  });
  expect(direct.body.message).toContain("pod updates may not change fields other than");
});

test("a Pod's resources as a whole are resized, its containers stay what they are", async () => {
  await runPod({ resources: { limits: { cpu: "4", memory: "1Gi" } } });
  const path = `${pods}/${name}/resize`;
  const resize = (spec: object) =>
    api.call("PATCH", path, { headers: { "content-type": "application/merge-patch+json" }, body: { spec } });
  const resized = await resize({ resources: { limits: { cpu: "5" } } });
  expect(resized.body.spec.resources.limits).toEqual({ cpu: "5", memory: "1Gi" });
  const refused: ReadonlyArray<readonly [object, string]> = [
    [
      { resources: { limits: { cpu: null } } },
      "spec.resources.limits: Forbidden: pod-level resource limits cannot be removed",
    ],
    [
      { containers: [{ name: "other", image: "x" }] },
      "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
    ],
  ];
  for (const [change, text] of refused) expect((await resize(change)).body.message).toContain(text);
});

test("a Pod's class is what its containers ask for, or the Pod as a whole", async () => {
  const spec = {
    containers: [{ name: "main", image: "x" }],
    resources: { limits: { cpu: "1", memory: "1Gi" } },
  };
  const { body } = await api.call("POST", pods, { body: { metadata: { name }, spec } });
  expect(body.spec.resources.requests).toEqual({ cpu: "1", memory: "1Gi" });
  expect(body.status.qosClass).toBe("Guaranteed");
});

test("a Pod is bound by a POST to bindings too", async () => {
  const spec = { containers: [{ name: "main", image: "x" }] };
  await api.call("POST", pods, { body: { metadata: { name }, spec } });
  const binding = { metadata: { name }, target: { kind: "Node", name: "n2" } };
  expect((await api.call("POST", "/api/v1/namespaces/default/bindings", { body: binding })).status).toBe(201);
  expect((await api.call("GET", `${pods}/${name}`)).body.spec.nodeName).toBe("n2");
  const again = await api.call("POST", "/api/v1/namespaces/default/bindings", { body: binding });
  expect(again.body.message).toContain(`pod ${name} is already assigned to node "n2"`);
});

test("what is reported is looked at", async () => {
  await runPod({ restartPolicy: "Never" });
  const report = (status: object) =>
    api.call("PATCH", `${pods}/${name}/status`, {
      headers: { "content-type": "application/merge-patch+json" },
      body: { status },
    });
  const ended = { name: "main", image: "x", imageID: "", ready: false, restartCount: 0 };
  await report({ containerStatuses: [{ ...ended, state: { terminated: { exitCode: 0 } } }] });
  const { body } = await report({
    containerStatuses: [{ ...ended, state: { running: {} } }],
    podIPs: [{ ip: "10.0.0.1" }, { ip: "10.0.0.2" }],
    qosClass: "BestEffort",
  });
  expect(body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
    "status.qosClass",
    "status.containerStatuses[0].state",
    "status.podIPs",
  ]);
});
