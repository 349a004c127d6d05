import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestApiServer } from "../../../test/framework/test-api-server.ts";

let server: TestApiServer;

beforeAll(async () => {
  server = await TestApiServer.start({ serviceCidr: "10.96.0.0/24" });
  await server.server.advertise({ ip: "192.0.2.1", port: 6443 });
});

afterAll(() => server.close());

const path = "/api/v1/namespaces/default/services";
const ipPath = "/apis/networking.k8s.io/v1/ipaddresses";

function create(name: string, spec: object, query = "") {
  const body = { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } };
  return server.call("POST", path + query, { body });
}

function patch(name: string, spec: object) {
  const headers = { "content-type": "application/merge-patch+json" };
  return server.call("PATCH", `${path}/${name}`, { body: { spec }, headers });
}

describe("a Service's address", () => {
  test("comes from the network, with the fields of a cluster of one family, and has its IPAddress", async () => {
    const { status, body } = await create("plain", {});
    expect(status).toBe(201);
    expect(body.spec).toMatchObject({
      type: "ClusterIP",
      clusterIPs: [body.spec.clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(body.status).toEqual({ loadBalancer: {} });
    const [, , , last] = body.spec.clusterIP.split(".");
    expect(Number(last)).toBeGreaterThan(16);
    const address = (await server.call("GET", `${ipPath}/${body.spec.clusterIP}`)).body;
    expect(address.spec.parentRef).toEqual({ resource: "services", namespace: "default", name: "plain" });
    expect(address.metadata.labels).toMatchObject({
      "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    });
    await server.call("DELETE", `${path}/plain`);
    expect((await server.call("GET", `${ipPath}/${body.spec.clusterIP}`)).status).toBe(404);
  });

  test("may be chosen, once", async () => {
    expect((await create("chosen", { clusterIP: "10.96.0.10" })).status).toBe(201);
    const again = await create("again", { clusterIP: "10.96.0.10" });
    expect([again.status, again.body.message]).toEqual([
      422,
      'Service "again" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    ]);
    const outside = await create("outside", { clusterIP: "10.97.0.1" });
    expect(outside.body.message).toContain("the provided network does not match the current range");
    const changed = await patch("chosen", { clusterIP: "10.96.0.11", clusterIPs: ["10.96.0.11"] });
    expect(changed.body.message).toContain("may not change once set");
  });

  test("is never given twice, however many ask at once; a dry run takes none", async () => {
    const before = (await server.call("GET", ipPath)).body.items.length;
    expect((await create("dry", {}, "?dryRun=All")).status).toBe(201);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => create(`many-${index}`, { type: "NodePort" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(201));
    expect(new Set(answers.map(({ body }) => body.spec.clusterIP)).size).toBe(40);
    expect(new Set(answers.map(({ body }) => body.spec.ports[0].nodePort)).size).toBe(40);
    expect((await server.call("GET", ipPath)).body.items.length).toBe(before + 40);
    await server.call("DELETE", path, { body: { propagationPolicy: "Background" } });
    expect((await server.call("GET", ipPath)).body.items.length).toBe(0);
  });

  test("goes with the type ExternalName and comes back with another", async () => {
    const { body } = await create("moving", {});
    const external = await patch("moving", { type: "ExternalName", externalName: "a.example.com" });
    expect([external.status, external.body.spec.clusterIP]).toEqual([200, undefined]);
    expect(external.body.spec.ipFamilies).toBeUndefined();
    expect((await server.call("GET", `${ipPath}/${body.spec.clusterIP}`)).status).toBe(404);
    const back = await patch("moving", { type: "ClusterIP", externalName: null });
    expect(back.body.spec.clusterIP).toStartWith("10.96.0.");
  });

  test("is none for headless Services; without a selector they claim both families", async () => {
    const open = (await create("open", { clusterIP: "None" })).body.spec;
    expect(open).toMatchObject({
      clusterIPs: ["None"],
      ipFamilies: ["IPv4", "IPv6"],
      ipFamilyPolicy: "RequireDualStack",
    });
    const selected = (await create("selected", { clusterIP: "None", selector: { a: "b" } })).body.spec;
    expect(selected).toMatchObject({ ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
  });
});

describe("node ports", () => {
  test("are given, kept by name, refused where taken, and free after a change of type", async () => {
    const { body } = await create("web", { type: "NodePort", ports: [{ name: "http", port: 80 }] });
    const { nodePort } = body.spec.ports[0];
    expect(nodePort).toBeGreaterThanOrEqual(30_000);
    const taken = await create("thief", { type: "NodePort", ports: [{ port: 80, nodePort }] });
    expect(taken.body.message).toBe(
      `Service "thief" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is already allocated`,
    );
    const low = await create("low", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] });
    expect(low.body.message).toContain(
      "provided port is not in the valid range. The range of valid ports is 30000-32767",
    );
    const same = await server.call("PUT", `${path}/web`, {
      body: { ...body, spec: { type: "NodePort", ports: [{ name: "http", port: 81 }] } },
    });
    expect(same.body.spec.ports[0].nodePort).toBe(nodePort);
    expect(same.body.spec.clusterIP).toBe(body.spec.clusterIP);
    const plain = await patch("web", { type: "ClusterIP" });
    expect(plain.body.spec.ports[0].nodePort).toBeUndefined();
    expect((await create("heir", { type: "NodePort", ports: [{ port: 80, nodePort }] })).status).toBe(201);
  });

  test("of a load balancer with local traffic include one for health checks", async () => {
    const { body } = await create("balanced", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(body.spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
    expect(body.spec.allocateLoadBalancerNodePorts).toBe(true);
    const cluster = await patch("balanced", { externalTrafficPolicy: "Cluster" });
    expect(cluster.body.spec.healthCheckNodePort).toBeUndefined();
  });
});

test("the Service kubernetes leads to the server, and the network is there", async () => {
  const { body } = await server.call("GET", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes");
  expect(body.spec.cidrs).toEqual(["10.96.0.0/24"]);
  expect(body.status.conditions[0]).toMatchObject({ type: "Ready", status: "True" });
  await server.server.advertise({ ip: "192.0.2.1", port: 6443 });
  const service = (await server.call("GET", `${path}/kubernetes`)).body;
  expect(service.spec).toMatchObject({ clusterIP: "10.96.0.1", ports: [{ port: 443, targetPort: 6443 }] });
  await server.server.advertise({ ip: "192.0.2.2", port: 6444 });
  const slice = (
    await server.call("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes")
  ).body;
  expect(slice).toMatchObject({ endpoints: [{ addresses: ["192.0.2.2"] }], ports: [{ port: 6444 }] });
  const endpoints = (await server.call("GET", "/api/v1/namespaces/default/endpoints/kubernetes")).body;
  expect(endpoints.subsets).toEqual([
    { addresses: [{ ip: "192.0.2.2" }], ports: [{ name: "https", protocol: "TCP", port: 6444 }] },
  ]);
});

test("a Service with impossible fields is told of each", async () => {
  const { body } = await create("Bad", {
    type: "Some",
    ports: [{ port: 0 }, { port: 70000, protocol: "X" }],
    sessionAffinity: "Y",
  });
  const causes = body.details.causes.map(
    ({ field, message }: { field: string; message: string }) => `${field}: ${message}`,
  );
  expect(causes).toEqual([
    expect.stringContaining('metadata.name: Invalid value: "Bad": a DNS-1035 label'),
    "spec.ports[0].name: Required value",
    "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
    "spec.ports[1].name: Required value",
    "spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
    'spec.ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
    "spec.ports[1].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
    'spec.sessionAffinity: Unsupported value: "Y": supported values: "ClientIP", "None"',
    'spec.type: Unsupported value: "Some": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ]);
});
