import { expect, test } from "bun:test";
import type { V1Pod, V1PodSpec } from "../../../supervisor/api/generated/types.ts";
import type { ContainerStatus, PodSandboxStatus } from "../../runtime/runtime.ts";
import { containerHash } from "../containers/container-hash.ts";
import type { ContainerProbes } from "../probes/probe-kind.ts";
import { podActions } from "./pod-actions.ts";
import type { PodRuntimeState } from "./pod-runtime-state.ts";

function pod(spec: Partial<V1PodSpec> = {}): V1Pod {
  return {
    metadata: { name: "p", namespace: "ns", uid: "u" },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  };
}

function sandbox(id: string, attempt: number, state: "ready" | "not-ready" = "ready"): PodSandboxStatus {
  const metadata = { namespace: "ns", name: "p", uid: "u", attempt };
  return { id, metadata, state, createdAt: new Date(0), labels: {}, annotations: {} };
}

function instance(
  name: string,
  state: ContainerStatus["state"],
  extra: Partial<ContainerStatus> = {},
): ContainerStatus {
  return {
    id: `${name}-0`,
    sandboxId: "s0",
    metadata: { name, attempt: 0 },
    state,
    imageId: "sha256:1",
    createdAt: new Date(0),
    labels: {},
    annotations: { "io.kubernetes.container.hash": containerHash({ name, image: "nginx" }) },
    logPath: "",
    ...extra,
  };
}

/** The actions in short: what is killed, made and started. */
function plan(
  of: V1Pod,
  sandboxes: PodSandboxStatus[],
  containers: ContainerStatus[] = [],
  probes: Readonly<Record<string, ContainerProbes>> = {},
) {
  const state: PodRuntimeState = { sandboxes, containers };
  const { killPod, createSandbox, attempt, kill, start } = podActions(of, state, (id) => probes[id]);
  return {
    ...(killPod && { killPod }),
    ...(createSandbox && { sandbox: attempt }),
    ...(kill.length > 0 && { kill: kill.map(({ instance: { id } }) => id) }),
    start: start.map(({ name }) => name),
  };
}

const failed = { exitCode: 1 };
const succeeded = { exitCode: 0 };

test("podActions makes a sandbox for a new Pod and starts its containers", () => {
  const two = pod({
    containers: [
      { name: "web", image: "nginx" },
      { name: "log", image: "nginx" },
    ],
  });
  expect(plan(two, [])).toEqual({ killPod: true, sandbox: 0, start: ["web", "log"] });
});

test("podActions does nothing for a Pod that runs", () => {
  expect(plan(pod(), [sandbox("s0", 0)], [instance("web", "running")])).toEqual({ start: [] });
});

test("podActions restarts by the restart policy", () => {
  const cases: ReadonlyArray<readonly [string, Partial<ContainerStatus>, string[]]> = [
    ["Always", failed, ["web"]],
    ["Always", succeeded, ["web"]],
    ["OnFailure", failed, ["web"]],
    ["OnFailure", succeeded, []],
    ["Never", failed, []],
  ];
  for (const [restartPolicy, end, start] of cases) {
    const made = plan(pod({ restartPolicy }), [sandbox("s0", 0)], [instance("web", "exited", end)]);
    expect([restartPolicy, end, made.start]).toEqual([restartPolicy, end, start]);
  }
});

test("podActions starts what was made and never started", () => {
  expect(plan(pod(), [sandbox("s0", 0)], [instance("web", "created")]).start).toEqual(["web"]);
});

test("podActions kills and restarts a container whose image changed", () => {
  const old = instance("web", "running", { annotations: { "io.kubernetes.container.hash": "0" } });
  expect(plan(pod(), [sandbox("s0", 0)], [old])).toEqual({ kill: ["web-0"], start: ["web"] });
});

test("podActions makes the next sandbox when the machine is gone", () => {
  const lost = instance("web", "exited", { exitCode: 137 });
  expect(plan(pod(), [sandbox("s0", 0, "not-ready")], [lost])).toEqual({
    killPod: true,
    sandbox: 1,
    start: ["web"],
  });
});

test("podActions takes a machine for gone when a container ended with it", () => {
  const lost = instance("web", "exited", { exitCode: 137, reason: "ContainerStatusUnknown" });
  expect(plan(pod(), [sandbox("s0", 0)], [lost])).toEqual({ killPod: true, sandbox: 1, start: ["web"] });
});

test("podActions ends one of two machines of a Pod, never keeps both", () => {
  expect(plan(pod(), [sandbox("s1", 1), sandbox("s0", 0)], [])).toEqual({
    killPod: true,
    sandbox: 2,
    start: ["web"],
  });
});

test("podActions makes no new machine for a Pod that is not to run again", () => {
  const gone = [sandbox("s0", 0, "not-ready")];
  expect(plan(pod({ restartPolicy: "Never" }), gone, [instance("web", "exited", failed)])).toEqual({
    killPod: true,
    start: [],
  });
  expect(plan(pod({ restartPolicy: "OnFailure" }), gone, [instance("web", "exited", succeeded)])).toEqual({
    killPod: true,
    start: [],
  });
});

test("podActions makes the machine of a Never Pod anew when no container ran in it yet", () => {
  expect(plan(pod({ restartPolicy: "Never" }), [sandbox("s0", 0, "not-ready")])).toEqual({
    killPod: true,
    sandbox: 1,
    start: ["web"],
  });
});

test("podActions runs init containers one after another, then the others", () => {
  const initContainers = [
    { name: "first", image: "nginx" },
    { name: "second", image: "nginx" },
  ];
  const withInit = pod({ initContainers });
  const machine = [sandbox("s0", 0)];
  expect(plan(withInit, []).start).toEqual(["first"]);
  expect(plan(withInit, machine).start).toEqual(["first"]);
  expect(plan(withInit, machine, [instance("first", "running")]).start).toEqual([]);
  expect(plan(withInit, machine, [instance("first", "exited", failed)]).start).toEqual(["first"]);
  const firstDone = instance("first", "exited", succeeded);
  expect(plan(withInit, machine, [firstDone]).start).toEqual(["second"]);
  const bothDone = [firstDone, instance("second", "exited", succeeded)];
  expect(plan(withInit, machine, bothDone).start).toEqual(["web"]);
  expect(plan(withInit, machine, [...bothDone, instance("web", "exited", failed)]).start).toEqual(["web"]);
});

test("podActions ends a Never Pod whose init container failed", () => {
  const withInit = pod({ restartPolicy: "Never", initContainers: [{ name: "first", image: "nginx" }] });
  expect(plan(withInit, [sandbox("s0", 0)], [instance("first", "exited", failed)])).toEqual({
    killPod: true,
    start: [],
  });
});

test("podActions runs init containers again in a new machine", () => {
  const withInit = pod({ initContainers: [{ name: "first", image: "nginx" }] });
  const before = [instance("first", "exited", succeeded), instance("web", "exited", failed)];
  expect(plan(withInit, [sandbox("s0", 0, "not-ready")], before)).toEqual({
    killPod: true,
    sandbox: 1,
    start: ["first"],
  });
  expect(plan(withInit, [sandbox("s1", 1), sandbox("s0", 0, "not-ready")], before).start).toEqual(["first"]);
});

test("podActions restarts a container that fails its probes, and ends it where it is not to run again", () => {
  const running = [instance("web", "running")];
  for (const [probes, message] of [
    [{ liveness: "failure" }, "Container web failed liveness probe"],
    [{ startup: "failure" }, "Container web failed startup probe"],
  ] as const) {
    const state: PodRuntimeState = { sandboxes: [sandbox("s0", 0)], containers: running };
    const again = podActions(pod(), state, () => probes);
    expect(again.kill[0]?.message).toBe(`${message}, will be restarted`);
    expect(again.start.map(({ name }) => name)).toEqual(["web"]);
    const once = podActions(pod({ restartPolicy: "Never" }), state, () => probes);
    expect([once.kill[0]?.message, once.start, once.killPod]).toEqual([message, [], false]);
  }
  expect(plan(pod(), [sandbox("s0", 0)], running, { "web-0": { readiness: "failure" } })).toEqual({
    start: [],
  });
});

const proxy = { name: "proxy", image: "nginx", restartPolicy: "Always" };
const log = { ...proxy, name: "log" };
const setUp = { name: "set-up", image: "nginx" };

test("podActions starts sidecars one after another and the others when all have started", () => {
  const of = pod({ initContainers: [proxy, setUp, log] });
  const ready = [sandbox("s0", 0)];
  const up = instance("proxy", "running");
  const done = instance("set-up", "exited", succeeded);
  expect(plan(of, ready).start).toEqual(["proxy"]);
  expect(plan(of, ready, [up]).start).toEqual(["set-up"]);
  expect(plan(of, ready, [instance("set-up", "running"), up]).start).toEqual([]);
  expect(plan(of, ready, [done, up]).start).toEqual(["log"]);
  expect(plan(of, ready, [instance("log", "running"), done, up]).start).toEqual(["web"]);
});

test("podActions holds the next init container back until a sidecar's startup probe has succeeded", () => {
  const slow = { ...proxy, startupProbe: { tcpSocket: { port: 80 } } };
  const of = pod({ initContainers: [slow, setUp] });
  const with_ = (startup: ContainerProbes["startup"]) =>
    plan(of, [sandbox("s0", 0)], [instance("proxy", "running")], {
      "proxy-0": { ...(startup && { startup }) },
    });
  expect(with_(undefined)).toEqual({ start: [] });
  expect(with_("unknown")).toEqual({ start: [] });
  expect(with_("success")).toEqual({ start: ["set-up"] });
  expect(with_("failure")).toEqual({ kill: ["proxy-0"], start: ["proxy"] });
});

test("podActions restarts sidecars whatever else goes on, and not for a Pod that is done", () => {
  const of = pod({ initContainers: [proxy, setUp], restartPolicy: "OnFailure" });
  const ended = instance("proxy", "exited", succeeded);
  const done = instance("set-up", "exited", succeeded);
  const ready = [sandbox("s0", 0)];
  expect(plan(of, ready, [ended]).start).toEqual(["proxy"]);
  expect(plan(of, ready, [instance("set-up", "running"), ended]).start).toEqual(["proxy"]);
  expect(plan(of, ready, [instance("web", "running"), done, ended]).start).toEqual(["proxy"]);
  expect(plan(of, ready, [instance("web", "exited", failed), done, ended]).start).toEqual(["proxy", "web"]);
  const over = [instance("web", "exited", succeeded), done, instance("proxy", "running")];
  expect(plan(of, ready, over)).toEqual({ killPod: true, start: [] });
  const unhealthy = { "proxy-0": { liveness: "failure" } } as const;
  expect(
    plan(of, ready, [instance("web", "running"), done, instance("proxy", "running")], unhealthy),
  ).toEqual({ kill: ["proxy-0"], start: ["proxy"] });
});

test("podActions starts ephemeral containers once, before the Pod is initialized too", () => {
  const of = pod({ initContainers: [setUp], ephemeralContainers: [{ name: "debug", image: "nginx" }] });
  const ready = [sandbox("s0", 0)];
  expect(plan(of, ready, [instance("set-up", "running")]).start).toEqual(["debug"]);
  const later = [instance("web", "running"), instance("debug", "exited", failed)];
  expect(plan(of, ready, later).start).toEqual([]);
});

test("podActions goes by a container's own policy and rules", () => {
  const rule = { action: "Restart", exitCodes: { operator: "In", values: [42] } };
  const own = { name: "web", image: "nginx", restartPolicy: "Never", restartPolicyRules: [rule] };
  const of = pod({ restartPolicy: "Never", containers: [own, { name: "log", image: "nginx" }] });
  const ended = (exitCode: number) => [instance("web", "exited", { exitCode }), instance("log", "running")];
  expect(plan(of, [sandbox("s0", 0)], ended(42)).start).toEqual(["web"]);
  expect(plan(of, [sandbox("s0", 0)], ended(1)).start).toEqual([]);
});
