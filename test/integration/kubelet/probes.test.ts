import { expect, test } from "bun:test";
import type { V1Container, V1ContainerStatus } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import { KubeletRig, patienceMs, statusOf } from "./kubelet-rig.ts";

const probe = { exec: { command: ["check"] }, periodSeconds: 5 };

/** A rig whose container answers its probes as `healthy` says. */
async function startRig() {
  const rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const health = { isGood: true };
  rig.runtime.onExec = async () => (health.isGood ? {} : { exitCode: 1, output: "sick" });
  return { rig, health };
}

/** Moves the time on until the container is as `look` says. */
async function inTime(rig: KubeletRig, what: string, look: (status: V1ContainerStatus) => boolean) {
  return await rig.untilPod("p", what, (pod) => {
    void rig.clock.advance(500);
    return look(statusOf(pod));
  });
}

async function run(rig: KubeletRig, web: Partial<V1Container>): Promise<void> {
  await rig.createPod("p", { terminationGracePeriodSeconds: 30 }, web);
  await rig.untilPod("p", "runs", (pod) => statusOf(pod).state?.running !== undefined);
}

test("a Pod is ready when its readiness probe says so, and no longer", async () => {
  const { rig, health } = await startRig();
  await using _ = rig;
  await run(rig, { readinessProbe: { ...probe, initialDelaySeconds: 20, failureThreshold: 2 } });
  const begun = await rig.pods.get("p");
  expect(statusOf(begun)).toMatchObject({ ready: false, started: true });
  expect(begun.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
    status: "False",
    reason: "ContainersNotReady",
    message: "containers with unready status: [web]",
  });
  await rig.clock.advance(19_000);
  expect(rig.runtime.execs).toEqual([]);
  await inTime(rig, "ready", ({ ready }) => ready);
  health.isGood = false;
  await inTime(rig, "not ready", ({ ready }) => !ready);
  expect(await rig.untilEvent("p", "Unhealthy")).toBe("Readiness probe failed: sick");
  health.isGood = true;
  const healed = await inTime(rig, "ready again", ({ ready }) => ready);
  expect(statusOf(healed).restartCount).toBe(0);
});

test("a container that fails its liveness probe is restarted with the probe's grace period", async () => {
  const { rig, health } = await startRig();
  await using _ = rig;
  rig.runtime.stubborn.add("web");
  await run(rig, { livenessProbe: { ...probe, failureThreshold: 2, terminationGracePeriodSeconds: 7 } });
  await inTime(rig, "a first probe", () => rig.runtime.execs.length > 0);
  health.isGood = false;
  await inTime(rig, "stopped", () => rig.runtime.stopTimeoutsMs.length > 0);
  // At once: the time goes on faster than the status gets to the API.
  health.isGood = true;
  await inTime(rig, "restarted", ({ restartCount }) => restartCount === 1);
  expect(rig.runtime.stopTimeoutsMs).toEqual([7000]);
  expect(await rig.untilEvent("p", "Killing")).toBe("Container web failed liveness probe, will be restarted");
  await inTime(rig, "runs", ({ ready }) => ready);
});

test("other probes wait for the startup probe, whose failure restarts too", async () => {
  const { rig } = await startRig();
  await using _ = rig;
  // The container that was restarted may be probed before anybody looks: it is well from its first probe on.
  rig.runtime.onExec = async () => (rig.runtime.execs.length > 3 ? {} : { exitCode: 1, output: "sick" });
  const readinessProbe = { exec: { command: ["ready"] } };
  await run(rig, { startupProbe: { ...probe, failureThreshold: 3 }, readinessProbe });
  const begun = await rig.pods.get("p");
  expect(statusOf(begun)).toMatchObject({ ready: false, started: false });
  await inTime(rig, "restarted", ({ restartCount }) => restartCount === 1);
  await rig.untilEvent("p", "Killing", "Container web failed startup probe, will be restarted");
  await inTime(rig, "ready", ({ ready, started }) => ready && started === true);
  const first = rig.runtime.execs.slice(0, 5);
  expect(first).toEqual(["web: check", "web: check", "web: check", "web: check", "web: ready"]);
});

test("the next daemon keeps a container ready until a probe says otherwise", async () => {
  const { rig, health } = await startRig();
  await using _ = rig;
  const startupProbe = { exec: { command: ["start"] } };
  await run(rig, { startupProbe, readinessProbe: { ...probe, failureThreshold: 1 } });
  await inTime(rig, "ready", ({ ready }) => ready);
  await rig.clock.advance(1000);
  await rig.stopKubelet();
  const before = rig.runtime.execs.filter((command) => command === "web: start").length;
  expect(rig.clock.pending).toBe(0);
  health.isGood = false;
  rig.startKubelet();
  await eventually("it is probed", patienceMs, async () => {
    const { ready, started } = statusOf(await rig.pods.get("p"));
    expect(started).toBe(true);
    await rig.clock.advance(100);
    return !ready;
  });
  expect(rig.runtime.execs.filter((command) => command === "web: start")).toHaveLength(before);
});
