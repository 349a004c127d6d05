import { afterAll, beforeAll, expect, test } from "bun:test";
import { TestApiServer } from "../../../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start();
});

afterAll(() => server.close());

/** A namespace with a quota that the controller has looked at. */
async function limited(name: string, hard: Record<string, string>, spec: object = {}): Promise<string> {
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name } } });
  const path = `/api/v1/namespaces/${name}`;
  const made = await server.call("POST", `${path}/resourcequotas`, {
    body: { metadata: { name: "q" }, spec: { hard, ...spec } },
  });
  expect(made.status).toBe(201);
  const used = Object.fromEntries(Object.keys(hard).map((resource) => [resource, "0"]));
  const { status } = await server.call("PUT", `${path}/resourcequotas/q/status`, {
    body: { ...made.body, status: { hard, used } },
  });
  expect(status).toBe(200);
  return path;
}

async function usedOf(path: string): Promise<Record<string, string>> {
  return (await server.call("GET", `${path}/resourcequotas/q`)).body.status.used;
}

function pod(name: string, resources: object = {}, spec: object = {}) {
  return { metadata: { name }, spec: { containers: [{ name: "c", image: "i", resources }], ...spec } };
}

test("Pods are charged with what they ask for, and refused beyond", async () => {
  const hard = { pods: "2", "requests.cpu": "1", "limits.memory": "1Gi", "requests.example.com/gpu": "1" };
  const path = await limited("pods", hard);
  const silent = await server.call("POST", `${path}/pods`, { body: pod("silent") });
  expect(silent.body.message).toBe(
    'pods "silent" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
  );
  const fits = { requests: { cpu: "500m" }, limits: { cpu: "2", memory: "512Mi", "example.com/gpu": "1" } };
  expect((await server.call("POST", `${path}/pods`, { body: pod("a", fits) })).status).toBe(201);
  expect(await usedOf(path)).toEqual({
    pods: "1",
    "requests.cpu": "500m",
    "limits.memory": "512Mi",
    "requests.example.com/gpu": "1",
  });
  const big = { requests: { cpu: "600m" }, limits: { cpu: "1", memory: "600Mi" } };
  const refused = await server.call("POST", `${path}/pods`, { body: pod("b", big) });
  expect(refused.body).toMatchObject({
    code: 403,
    message:
      'pods "b" is forbidden: exceeded quota: q, requested: limits.memory=600Mi,requests.cpu=600m, used: limits.memory=512Mi,requests.cpu=500m, limited: limits.memory=1Gi,requests.cpu=1',
  });
  const dry = { requests: { cpu: "1m" }, limits: { cpu: "1", memory: "1Mi" } };
  expect((await server.call("POST", `${path}/pods?dryRun=All`, { body: pod("c", dry) })).status).toBe(201);
  expect((await usedOf(path)).pods).toBe("1");
});

test("requests at the same time never get more than there is", async () => {
  const path = await limited("crowd", { configmaps: "7", "count/configmaps": "9" });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      server.call("POST", `${path}/configmaps`, { body: { metadata: { name: `m${index}` } } }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(7);
  const refused = answers.find(({ status }) => status === 403);
  expect(refused?.body.message).toContain(
    "exceeded quota: q, requested: configmaps=1, used: configmaps=7, limited: configmaps=7",
  );
  expect(await usedOf(path)).toEqual({ configmaps: "7", "count/configmaps": "7" });
});

test("scopes decide which Pods a quota is about", async () => {
  const path = await limited("scoped", { pods: "1" }, { scopes: ["BestEffort", "NotTerminating"] });
  const burstable = { requests: { cpu: "1m" } };
  for (const [name, resources, spec] of [
    ["burstable", burstable, {}],
    ["ending", {}, { activeDeadlineSeconds: 5 }],
  ] as const) {
    expect((await server.call("POST", `${path}/pods`, { body: pod(name, resources, spec) })).status).toBe(
      201,
    );
  }
  expect((await usedOf(path)).pods).toBe("0");
  expect((await server.call("POST", `${path}/pods`, { body: pod("effort") })).status).toBe(201);
  expect((await server.call("POST", `${path}/pods`, { body: pod("more") })).status).toBe(403);
});

test("Services count their ports, and a change of type is charged by the difference", async () => {
  const path = await limited("services", { services: "2", "services.nodeports": "1" });
  const service = (name: string, type: string, ports: readonly number[]) => ({
    metadata: { name },
    spec: { type, ports: ports.map((port) => ({ name: `p${port}`, port })) },
  });
  const made = await server.call("POST", `${path}/services`, { body: service("a", "ClusterIP", [1]) });
  expect(made.status).toBe(201);
  const two = await server.call("POST", `${path}/services`, { body: service("b", "NodePort", [1, 2]) });
  expect(two.body.message).toContain(
    "exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1",
  );
  const changed = await server.call("PATCH", `${path}/services/a`, {
    body: { spec: { type: "NodePort" } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  expect(changed.status).toBe(200);
  expect(await usedOf(path)).toEqual({ services: "1", "services.nodeports": "1" });
});
