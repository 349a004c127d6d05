import { expect, test } from "bun:test";
import type { V1Pod, V1PodSpec, V1PodStatus } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus, PodSandboxStatus } from "../../runtime/runtime.ts";
import type { ContainerProbes } from "../probes/probe-kind.ts";
import type { WaitingReasons } from "./container-statuses.ts";
import { podStatus } from "./pod-status.ts";

const nowMs = Date.parse("2026-01-31T12:00:00.250Z");

const machine: PodSandboxStatus = {
  id: "s0",
  metadata: { namespace: "ns", name: "p", uid: "u", attempt: 0 },
  state: "ready",
  createdAt: new Date(0),
  address: "10.42.0.5",
  labels: {},
  annotations: {},
};

function instance(
  name: string,
  state: ContainerStatus["state"],
  extra: Partial<ContainerStatus> = {},
): ContainerStatus {
  const attempt = extra.metadata?.attempt ?? 0;
  return {
    id: `${name}-${attempt}`,
    sandboxId: "s0",
    metadata: { name, attempt },
    state,
    imageId: "sha256:1",
    createdAt: new Date(nowMs - 60_000),
    ...(state !== "created" && { startedAt: new Date(nowMs - 50_000) }),
    ...(state === "exited" && { finishedAt: new Date(nowMs - 10_000) }),
    labels: {},
    annotations: { "pacific.dev/image": "nginx:1", "pacific.dev/image-reference": "nginx@sha256:d" },
    logPath: "",
    ...extra,
  };
}

interface Given {
  readonly spec?: Partial<V1PodSpec>;
  readonly before?: V1PodStatus;
  readonly sandboxes?: PodSandboxStatus[];
  readonly containers?: ContainerStatus[];
  readonly waiting?: WaitingReasons;
  readonly probes?: Readonly<Record<string, ContainerProbes>>;
  readonly ended?: boolean;
  readonly deleted?: boolean;
}

function status({
  spec,
  before,
  sandboxes = [machine],
  containers = [],
  waiting,
  probes,
  ended,
  deleted,
}: Given): V1PodStatus {
  const pod: V1Pod = {
    metadata: {
      name: "p",
      namespace: "ns",
      uid: "u",
      generation: 1,
      ...(deleted && { deletionTimestamp: "2026-01-31T11:59:00Z" }),
    },
    spec: { containers: [{ name: "web", image: "nginx:1" }], ...spec },
    ...(before && { status: before }),
  };
  return podStatus({
    pod,
    state: { sandboxes, containers },
    waiting: waiting ?? new Map(),
    probesOf: (id) => probes?.[id],
    hostAddress: "192.0.2.1",
    nowMs,
    ended: ended ?? false,
  });
}

function conditions(of: V1PodStatus): Record<string, string> {
  return Object.fromEntries(
    (of.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason ?? ""}`.trim()]),
  );
}

test("podStatus tells how volumes are mounted and who a container is", () => {
  const volumeMounts = [
    { name: "a", mountPath: "/a" },
    { name: "b", mountPath: "/b", readOnly: true },
    { name: "c", mountPath: "/c", readOnly: true, recursiveReadOnly: "IfPossible" },
  ];
  const user = { uid: 1000, gid: 2000, supplementalGroups: [2000, 3000] };
  const made = status({
    spec: { containers: [{ name: "web", image: "nginx:1", volumeMounts }] },
    containers: [instance("web", "running", { user })],
  });
  expect(made.containerStatuses?.[0]).toMatchObject({
    user: { linux: user },
    volumeMounts: [
      { name: "a", mountPath: "/a" },
      { name: "b", mountPath: "/b", readOnly: true, recursiveReadOnly: "Disabled" },
      { name: "c", mountPath: "/c", readOnly: true, recursiveReadOnly: "Enabled" },
    ],
  });
  // A container that is gone, and will not come back, was who it was.
  const after = status({ before: { ...made, phase: "Running" }, containers: [], ended: true });
  expect(after.containerStatuses?.[0]?.user).toEqual({ linux: user });
});

test("podStatus of a new Pod is Pending, its containers ContainerCreating", () => {
  const made = status({ sandboxes: [] });
  expect(made.phase).toBe("Pending");
  expect(made.startTime).toBe("2026-01-31T12:00:00Z");
  expect(made.podIP).toBeUndefined();
  expect(made.hostIPs).toEqual([{ ip: "192.0.2.1" }]);
  expect(made.qosClass).toBe("BestEffort");
  expect(made.containerStatuses).toEqual([
    {
      name: "web",
      image: "nginx:1",
      imageID: "",
      restartCount: 0,
      state: { waiting: { reason: "ContainerCreating" } },
      lastState: {},
      resources: {},
      ready: false,
      started: false,
    },
  ]);
  expect(conditions(made)).toEqual({
    PodReadyToStartContainers: "False",
    Initialized: "True",
    Ready: "False ContainersNotReady",
    ContainersReady: "False ContainersNotReady",
    PodScheduled: "True",
  });
});

test("podStatus of a Pod with hostNetwork has the host's address, whatever its machine's is", () => {
  for (const sandboxes of [[], [machine]]) {
    const made = status({ spec: { hostNetwork: true }, sandboxes });
    expect([made.podIP, made.podIPs]).toEqual(["192.0.2.1", [{ ip: "192.0.2.1" }]]);
  }
});

test("podStatus of a running Pod has its address, image and a ready container", () => {
  const made = status({ containers: [instance("web", "running")] });
  expect([made.phase, made.podIP, made.podIPs]).toEqual(["Running", "10.42.0.5", [{ ip: "10.42.0.5" }]]);
  expect(made.containerStatuses).toEqual([
    {
      name: "web",
      image: "nginx:1",
      imageID: "nginx@sha256:d",
      containerID: "crx://web-0",
      restartCount: 0,
      state: { running: { startedAt: "2026-01-31T11:59:10Z" } },
      lastState: {},
      resources: {},
      ready: true,
      started: true,
    },
  ]);
  expect(Object.values(conditions(made))).toEqual(["True", "True", "True", "True", "True"]);
});

test("podStatus of a restarted container keeps how the last one ended", () => {
  const made = status({
    containers: [
      instance("web", "running", { metadata: { name: "web", attempt: 3 } }),
      instance("web", "exited", {
        metadata: { name: "web", attempt: 2 },
        exitCode: 137,
        reason: "OOMKilled",
      }),
    ],
  });
  expect(made.containerStatuses?.[0]?.restartCount).toBe(3);
  expect(made.containerStatuses?.[0]?.lastState).toEqual({
    terminated: {
      exitCode: 137,
      reason: "OOMKilled",
      containerID: "crx://web-2",
      startedAt: "2026-01-31T11:59:10Z",
      finishedAt: "2026-01-31T11:59:50Z",
    },
  });
});

test("podStatus shows why a container waits, and its end as the last state", () => {
  const message = "back-off 10s restarting failed container=web pod=p_ns(u)";
  const made = status({
    containers: [instance("web", "exited", { exitCode: 1 })],
    waiting: new Map([["web", { reason: "CrashLoopBackOff", message }]]),
  });
  expect(made.phase).toBe("Running");
  expect(made.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "CrashLoopBackOff", message } });
  expect(made.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
});

test("podStatus follows the restart policy in its phase", () => {
  const cases: ReadonlyArray<readonly [string, number, string]> = [
    ["Always", 0, "Running"],
    ["Always", 1, "Running"],
    ["OnFailure", 0, "Succeeded"],
    ["OnFailure", 1, "Running"],
    ["Never", 0, "Succeeded"],
    ["Never", 1, "Failed"],
  ];
  for (const [restartPolicy, exitCode, phase] of cases) {
    const made = status({ spec: { restartPolicy }, containers: [instance("web", "exited", { exitCode })] });
    expect([restartPolicy, exitCode, made.phase]).toEqual([restartPolicy, exitCode, phase]);
  }
});

test("podStatus of a Pod that succeeded says PodCompleted", () => {
  const made = status({
    spec: { restartPolicy: "Never" },
    containers: [instance("web", "exited", { exitCode: 0 })],
  });
  expect(conditions(made)).toMatchObject({
    Initialized: "True PodCompleted",
    Ready: "False PodCompleted",
    ContainersReady: "False PodCompleted",
  });
  expect(made.containerStatuses?.[0]?.state?.terminated?.reason).toBe("Completed");
});

test("podStatus is PodInitializing until the init containers are done", () => {
  const spec = { initContainers: [{ name: "first", image: "nginx:1" }] };
  const running = status({ spec, containers: [instance("first", "running")] });
  expect(running.phase).toBe("Pending");
  expect(running.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "PodInitializing" } });
  expect(running.initContainerStatuses?.[0]).toMatchObject({ ready: false, started: true });
  expect(conditions(running).Initialized).toBe("False ContainersNotInitialized");
  const done = status({ spec, containers: [instance("first", "exited", { exitCode: 0 })] });
  expect(done.initContainerStatuses?.[0]).toMatchObject({ ready: true, started: false });
  expect(conditions(done).Initialized).toBe("True");
  const failed = status({
    spec: { ...spec, restartPolicy: "Never" },
    containers: [instance("first", "exited", { exitCode: 1 })],
  });
  expect(failed.phase).toBe("Failed");
});

test("podStatus keeps times of unchanged conditions and the conditions of others", () => {
  const first = status({ containers: [instance("web", "running")] });
  const old = (first.conditions ?? []).map((condition) => ({
    ...condition,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  }));
  const foreign = { type: "example.com/gate", status: "True" };
  const again = status({
    before: { ...first, conditions: [...old, foreign] },
    sandboxes: [{ ...machine, state: "not-ready" }],
    containers: [instance("web", "running")],
  });
  const times = Object.fromEntries((again.conditions ?? []).map((c) => [c.type, c.lastTransitionTime]));
  expect(times.Ready).toBe("2026-01-01T00:00:00Z");
  expect(times.PodReadyToStartContainers).toBe("2026-01-31T12:00:00Z");
  expect(again.conditions?.at(-1)).toEqual(foreign);
});

test("podStatus holds Ready back for readiness gates", () => {
  const spec = { readinessGates: [{ conditionType: "example.com/gate" }] };
  const containers = [instance("web", "running")];
  expect(conditions(status({ spec, containers })).Ready).toBe("False ReadinessGatesNotReady");
  const before = { conditions: [{ type: "example.com/gate", status: "True" }] };
  expect(conditions(status({ spec, containers, before })).Ready).toBe("True");
});

test("podStatus keeps what the API knows of a container that the runtime has lost", () => {
  const running = status({ containers: [instance("web", "running")] });
  const ended = status({ containers: [instance("web", "exited", { exitCode: 3 })] });
  const lost = status({ before: running, sandboxes: [] });
  expect(lost.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
    exitCode: 137,
    reason: "ContainerStatusUnknown",
  });
  const lostAtEnd = status({ before: running, sandboxes: [], ended: true, deleted: true });
  expect(lostAtEnd.phase).toBe("Failed");
  expect(lostAtEnd.containerStatuses?.[0]?.state?.terminated?.reason).toBe("ContainerStatusUnknown");
  const kept = status({ before: ended, sandboxes: [], ended: true, deleted: true });
  expect(kept.containerStatuses?.[0]?.state).toEqual(ended.containerStatuses?.[0]?.state ?? {});
});

test("podStatus never leaves a final phase", () => {
  const made = status({ before: { phase: "Failed", reason: "DeadlineExceeded", message: "too long" } });
  expect([made.phase, made.reason, made.message]).toEqual(["Failed", "DeadlineExceeded", "too long"]);
});

const tcp = { tcpSocket: { port: 80 } };

test("podStatus counts a container as started and ready when its probes say so", () => {
  const spec = { containers: [{ name: "web", startupProbe: tcp, readinessProbe: tcp }] };
  const running = [instance("web", "running")];
  const seen = (probes?: ContainerProbes) => {
    const made = status({ spec, containers: running, ...(probes && { probes: { "web-0": probes } }) });
    const { started, ready } = made.containerStatuses?.[0] ?? {};
    return [started, ready, made.conditions?.find(({ type }) => type === "Ready")?.status, made.phase];
  };
  expect(seen()).toEqual([false, false, "False", "Running"]);
  expect(seen({ startup: "unknown", readiness: "success" })).toEqual([false, false, "False", "Running"]);
  expect(seen({ startup: "success", readiness: "failure" })).toEqual([true, false, "False", "Running"]);
  expect(seen({ startup: "success", readiness: "success" })).toEqual([true, true, "True", "Running"]);
});

const sidecarSpec = {
  initContainers: [{ name: "proxy", restartPolicy: "Always" }],
  containers: [{ name: "web" }],
};

function conditionOf(made: V1PodStatus, type: string) {
  const { status: is, message } = made.conditions?.find((condition) => condition.type === type) ?? {};
  return [is, message];
}

test("podStatus shows a sidecar among the init containers and counts it for readiness", () => {
  const waits = status({ spec: sidecarSpec });
  expect([waits.phase, conditionOf(waits, "Initialized")]).toEqual([
    "Pending",
    ["False", "containers with incomplete status: [proxy]"],
  ]);
  const starting = status({ spec: sidecarSpec, containers: [instance("proxy", "running")] });
  expect([starting.phase, conditionOf(starting, "Initialized")]).toEqual(["Pending", ["True", undefined]]);
  expect(starting.initContainerStatuses?.[0]).toMatchObject({ ready: true, started: true });
  const containers = [instance("web", "running"), instance("proxy", "exited", { exitCode: 1 })];
  const crashed = status({ spec: sidecarSpec, containers });
  expect([crashed.phase, conditionOf(crashed, "Initialized")]).toEqual(["Running", ["True", undefined]]);
  expect(conditionOf(crashed, "ContainersReady")).toEqual([
    "False",
    "containers with unready status: [proxy]",
  ]);
});

test("podStatus lets a Pod succeed when its sidecars have ended too, however they did", () => {
  const spec = { ...sidecarSpec, restartPolicy: "Never" };
  const web = instance("web", "exited", { exitCode: 0 });
  expect(status({ spec, containers: [web, instance("proxy", "running")] }).phase).toBe("Running");
  const all = [web, instance("proxy", "exited", { exitCode: 137 })];
  expect(status({ spec, containers: all }).phase).toBe("Succeeded");
});

test("podStatus has the ephemeral containers, which do not count", () => {
  const spec = { containers: [{ name: "web" }], ephemeralContainers: [{ name: "debug" }] };
  const containers = [instance("web", "running"), instance("debug", "exited", { exitCode: 3 })];
  const made = status({ spec, containers });
  expect(made.phase).toBe("Running");
  expect(made.ephemeralContainerStatuses).toMatchObject([
    { name: "debug", ready: false, state: { terminated: { exitCode: 3 } } },
  ]);
});

test("podStatus goes by a container's own restart policy", () => {
  const containers = [instance("web", "exited", { exitCode: 42 })];
  const rule = { action: "Restart", exitCodes: { operator: "In", values: [42] } };
  const own = { name: "web", restartPolicy: "Never", restartPolicyRules: [rule] };
  expect(status({ spec: { restartPolicy: "Never", containers: [own] }, containers }).phase).toBe("Running");
  expect(status({ spec: { restartPolicy: "Never" }, containers }).phase).toBe("Failed");
});

test("podStatus cuts messages to each container's share of 12 KiB", () => {
  const spec = { containers: [{ name: "web" }, { name: "log" }, { name: "db" }] };
  const containers = [instance("web", "exited", { exitCode: 1, message: "ü".repeat(4000) })];
  const message = status({ spec, containers }).containerStatuses?.[0]?.lastState?.terminated?.message ?? "";
  const own =
    status({ spec, containers, ended: true }).containerStatuses?.[0]?.state?.terminated?.message ?? "";
  expect([Buffer.byteLength(own), message]).toEqual([4096, ""]);
});
