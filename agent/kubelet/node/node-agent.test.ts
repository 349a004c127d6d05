import { expect, test } from "bun:test";
import type { V1Lease, V1Node } from "../../../supervisor/api/generated/types.ts";
import { defaultKubeletSettings } from "../../../supervisor/base/config/kubelet-settings.ts";
import { Logger } from "../../../supervisor/base/logging.ts";
import { InProcessTransport } from "../../../supervisor/client/in-process-transport.ts";
import { createClient } from "../../../supervisor/client/rest-client.ts";
import type { KubernetesObject } from "../../../supervisor/client/types.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import type { PressureCondition } from "../eviction/thresholds.ts";
import { NodeAgent } from "./node-agent.ts";

/** The wire as a node sees it: objects by path, versions, merge patches one level deep, faults on order. */
class Wire {
  readonly objects = new Map<string, KubernetesObject>();
  readonly requests: string[] = [];
  down = false;
  #version = 0;

  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const path = pathname.replace(/\/status$/, "");
    this.requests.push(`${request.method} ${pathname.split("/").slice(-2).join("/")}`);
    if (this.down) return status(503, "ServiceUnavailable");
    // What the node sends is its own; the tests look at what came of it.
    const body = (request.method === "GET" ? {} : await request.json()) as KubernetesObject & {
      status?: object;
    };
    const target = request.method === "POST" ? `${path}/${body.metadata?.name}` : path;
    const known = this.objects.get(target);
    if (request.method === "POST" && known) return status(409, "AlreadyExists");
    if (request.method !== "POST" && !known) return status(404, "NotFound");
    if (request.method === "GET") return Response.json(known);
    const expected = body.metadata?.resourceVersion;
    if (expected && expected !== known?.metadata?.resourceVersion) return status(409, "Conflict");
    return Response.json(this.put(target, request.method === "PATCH" ? merge(known, body) : body));
  }

  put(path: string, object: KubernetesObject): KubernetesObject {
    const resourceVersion = String(++this.#version);
    const made = { ...object, metadata: { uid: "u1", ...object.metadata, resourceVersion } };
    this.objects.set(path, made);
    return made;
  }

  node(): V1Node {
    return this.objects.get("/api/v1/nodes/n1") ?? {};
  }

  lease(): V1Lease {
    return this.objects.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1") ?? {};
  }
}

function merge(
  known: KubernetesObject = {},
  patch: KubernetesObject & { status?: object },
): KubernetesObject {
  const labels = { ...known.metadata?.labels, ...patch.metadata?.labels };
  return { ...known, ...patch, metadata: { ...known.metadata, labels } };
}

function status(code: number, reason: string): Response {
  return Response.json({ kind: "Status", code, reason, message: reason }, { status: code });
}

const facts = {
  cpuCount: 4,
  processors: { socketCount: 1, coreCount: 1 },
  memoryBytes: 8 * 1024 ** 3,
  diskBytes: 100 * 1024 ** 3,
  machineId: "m",
  systemUuid: "s",
  bootId: "b",
  kernelVersion: "6.1.0",
  osImage: "Debian GNU/Linux 12 (bookworm)",
  architecture: "amd64",
};

function start() {
  const wire = new Wire();
  const clock = new FakeClock();
  const stop = new AbortController();
  const pressure = new Set<PressureCondition>();
  const events: string[] = [];
  const agent = new NodeAgent({
    client: createClient(new InProcessTransport((request) => wire.answer(request), {})),
    clock,
    logger: new Logger("error", () => {}),
    identity: {
      name: "n1",
      address: "192.0.2.1",
      accelerator: "tcg",
      facts,
      settings: defaultKubeletSettings,
    },
    accelerator: { kind: "tcg", message: "KVM cannot be used: no /dev/kvm" },
    isolation: {
      jail: { level: "full", message: "jailed" },
      limits: { areEnforced: false, message: "This host has no cgroup v2" },
    },
    startMode: () => ({ kind: "clone", message: "Machines are cloned from a template" }),
    pressure: () => pressure,
    tell: (type, reason, message) => void events.push(`${type} ${reason} ${message}`),
    images: async () => [],
  });
  const condition = (type: string) => wire.node().status?.conditions?.find((known) => known.type === type);
  return { wire, clock, stop, agent, pressure, events, condition };
}

test("NodeAgent registers the Node with what the box is", async () => {
  const { wire, stop, agent, condition } = start();
  await agent.register(stop.signal);
  expect(wire.node().metadata?.labels).toEqual({
    "beta.kubernetes.io/arch": "amd64",
    "beta.kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": "n1",
    "kubernetes.io/os": "linux",
    "pacific.dev/accelerator": "tcg",
  });
  expect(wire.node().status).toMatchObject({
    capacity: { cpu: "4", memory: "8388608Ki", pods: "110", "ephemeral-storage": "104857600Ki" },
    allocatable: { cpu: "4", memory: "8286208Ki", pods: "110", "ephemeral-storage": "96636764160" },
    nodeInfo: { kubeletVersion: "v1.36.0+pacific.1", containerRuntimeVersion: "crx://0.1.0", bootID: "b" },
    addresses: [
      { type: "InternalIP", address: "192.0.2.1" },
      { type: "Hostname", address: "n1" },
    ],
  });
  expect(condition("Ready")).toMatchObject({ status: "False", reason: "KubeletNotReady" });
  expect(condition("InstantClone")).toMatchObject({ status: "True", reason: "TemplateReady" });
  expect(condition("HardwareVirtualization")).toMatchObject({ status: "False", reason: "SoftwareEmulation" });
  expect(condition("MachineLimits")).toMatchObject({ status: "False", reason: "NotEnforced" });
  expect(condition("MachineJail")).toMatchObject({ status: "True", reason: "Jailed" });
});

test("NodeAgent takes over its Node, keeping the labels of others, and registers when the server comes", async () => {
  const { wire, clock, stop, agent } = start();
  wire.put("/api/v1/nodes/n1", { metadata: { name: "n1", labels: { zone: "a" } } });
  wire.down = true;
  const registering = agent.register(stop.signal);
  await clock.advance(3000);
  wire.down = false;
  await clock.advance(10_000);
  await registering;
  expect(wire.node().metadata?.labels).toMatchObject({ zone: "a", "kubernetes.io/os": "linux" });
});

test("NodeAgent renews its Lease every 10 s and sends an unchanged status every 5 min only", async () => {
  const { wire, clock, stop, agent } = start();
  await agent.register(stop.signal);
  const running = agent.run(stop.signal);
  await clock.advance(0);
  expect(wire.lease().spec).toMatchObject({
    holderIdentity: "n1",
    leaseDurationSeconds: 40,
    renewTime: "2026-01-31T12:00:00.000000Z",
  });
  expect(wire.lease().metadata?.ownerReferences?.[0]).toMatchObject({ kind: "Node", uid: "u1" });
  wire.requests.length = 0;
  await clock.advance(290_000);
  expect(new Set(wire.requests)).toEqual(new Set(["PUT leases/n1"]));
  expect(wire.requests).toHaveLength(29);
  await clock.advance(10_000);
  expect(wire.requests).toContain("PATCH n1/status");
  expect(wire.lease().spec?.renewTime).toBe("2026-01-31T12:05:00.000000Z");
  stop.abort();
  await running;
  expect(clock.pending).toBe(0);
});

test("NodeAgent reports readiness at once and pressure at the next tick", async () => {
  const { clock, stop, agent, pressure, events, condition } = start();
  await agent.register(stop.signal);
  const running = agent.run(stop.signal);
  await clock.advance(5000);
  agent.setReady(undefined);
  await clock.advance(0);
  expect(condition("Ready")).toMatchObject({
    status: "True",
    reason: "KubeletReady",
    message: "kubelet is posting ready status",
    lastTransitionTime: "2026-01-31T12:00:05Z",
  });
  pressure.add("DiskPressure");
  await clock.advance(10_000);
  expect(condition("DiskPressure")).toMatchObject({ status: "True", reason: "KubeletHasDiskPressure" });
  expect(condition("Ready")?.lastTransitionTime).toBe("2026-01-31T12:00:05Z");
  expect(events).toEqual([
    "Normal Starting Starting kubelet.",
    "Normal NodeAllocatableEnforced Updated Node Allocatable limit across pods",
    "Normal NodeHasSufficientMemory Node n1 status is now: NodeHasSufficientMemory",
    "Normal NodeHasNoDiskPressure Node n1 status is now: NodeHasNoDiskPressure",
    "Normal NodeHasSufficientPID Node n1 status is now: NodeHasSufficientPID",
    "Normal NodeNotReady Node n1 status is now: NodeNotReady",
    "Normal NodeReady Node n1 status is now: NodeReady",
    "Normal NodeHasDiskPressure Node n1 status is now: NodeHasDiskPressure",
  ]);
  stop.abort();
  await running;
});

test("NodeAgent makes good what it could not send while the server was down", async () => {
  const { wire, clock, stop, agent, condition } = start();
  await agent.register(stop.signal);
  const running = agent.run(stop.signal);
  await clock.advance(0);
  wire.down = true;
  agent.setReady(undefined);
  await clock.advance(30_000);
  expect(condition("Ready")?.status).toBe("False");
  wire.down = false;
  await clock.advance(10_000);
  expect(condition("Ready")?.status).toBe("True");
  stop.abort();
  await running;
});

test("NodeAgent keeps the conditions of others", async () => {
  const { wire, clock, stop, agent, condition } = start();
  await agent.register(stop.signal);
  const node = wire.node();
  const foreign = { type: "NetworkUnavailable", status: "False" };
  const conditions = [...(node.status?.conditions ?? []), foreign];
  wire.put("/api/v1/nodes/n1", { ...node, status: { ...node.status, conditions } } as KubernetesObject);
  const running = agent.run(stop.signal);
  await clock.advance(0);
  expect(condition("NetworkUnavailable")).toEqual(foreign);
  stop.abort();
  await running;
});
