import { expect, test } from "bun:test";
import type { V1Container } from "../../../supervisor/api/generated/types.ts";
import { eventually } from "../../framework/eventually.ts";
import type { FakeExec } from "../../framework/fake-runtime.ts";
import { KubeletRig, patienceMs, statusOf } from "./kubelet-rig.ts";

const exec = (command: string) => ({ exec: { command: [command] } });

async function startRig(): Promise<KubeletRig> {
  const rig = await KubeletRig.start();
  rig.images.add("shop:1");
  return rig;
}

async function untilStopped(rig: KubeletRig, times: number): Promise<void> {
  await eventually(`${times} stop signals`, patienceMs, () => rig.runtime.stopTimeoutsMs.length === times);
}

test("a container does not run before its postStart hook has ended", async () => {
  await using rig = await startRig();
  const { promise, resolve } = Promise.withResolvers<FakeExec>();
  rig.runtime.onExec = () => promise;
  await rig.createPod("p", {}, { lifecycle: { postStart: exec("warm-up") } });
  await eventually("the hook", patienceMs, () => rig.runtime.execs.length === 1);
  await rig.clock.advance(60_000);
  expect(statusOf(await rig.pods.get("p")).state?.waiting?.reason).toBe("ContainerCreating");
  resolve({});
  await rig.untilRunning("p");
});

test("a container whose postStart hook fails is killed and started again", async () => {
  await using rig = await startRig();
  const created = await rig.createPod("p", {}, { lifecycle: { postStart: exec("warm-up") } });
  rig.runtime.onExec = async () => ({ exitCode: 2, output: "cold" });
  const pod = await rig.untilWaiting("p", "PostStartHookError");
  expect(statusOf(pod).state?.waiting?.message).toBe(
    `Exec lifecycle hook ([warm-up]) for Container "web" in Pod "p_default(${created.metadata?.uid})" failed - error: command 'warm-up' exited with 2: cold, message: "cold"`,
  );
  expect(await rig.untilEvent("p", "FailedPostStartHook")).toBe("PostStartHook failed");
  expect(await rig.untilEvent("p", "Killing")).toBe("FailedPostStartHook");
  rig.runtime.onExec = async () => ({});
  await rig.untilPod("p", "runs", ({ status }) => {
    void rig.clock.advance(1000);
    return status?.containerStatuses?.[0]?.ready ?? false;
  });
});

test("a preStop hook ends before the signal, and its time counts", async () => {
  await using rig = await startRig();
  const { promise, resolve } = Promise.withResolvers<FakeExec>();
  await rig.createPod("p", {}, { lifecycle: { preStop: exec("drain") } });
  await rig.untilRunning("p");
  rig.runtime.onExec = () => promise;
  await rig.pods.delete("p", { gracePeriodSeconds: 20 });
  await eventually("the hook", patienceMs, () => rig.runtime.execs.length === 1);
  await rig.clock.advance(15_000);
  expect(rig.runtime.stopTimeoutsMs).toEqual([]);
  resolve({});
  await rig.untilGone("p");
  expect(rig.runtime.stopTimeoutsMs).toEqual([5000]);
});

test("a preStop hook that fails is told and holds nothing up, one that hangs gets the grace period", async () => {
  await using rig = await startRig();
  await rig.createPod("p", {}, { lifecycle: { preStop: exec("drain") } });
  await rig.untilRunning("p");
  rig.runtime.onExec = async () => ({ exitCode: 1, output: "secret" });
  await rig.pods.delete("p");
  await rig.untilGone("p");
  expect(await rig.untilEvent("p", "FailedPreStopHook")).toBe("PreStopHook failed");
  expect(rig.runtime.stopTimeoutsMs).toEqual([30_000]);

  const spec = { terminationGracePeriodSeconds: 700 };
  await rig.createPod("q", spec, { lifecycle: { preStop: { sleep: { seconds: 600 } } } });
  await rig.untilRunning("q");
  await rig.pods.delete("q", { gracePeriodSeconds: 60 });
  await rig.untilEvent("q", "Killing");
  await rig.pods.delete("q", { gracePeriodSeconds: 8 });
  await eventually("the shorter time", patienceMs, async () => {
    await rig.clock.advance(1000);
    return rig.runtime.stopTimeoutsMs.length === 2;
  });
  expect(rig.runtime.stopTimeoutsMs).toEqual([30_000, 2000]);
  await rig.untilGone("q");
});

test("sidecars start first, one after another, and end last, in the opposite order", async () => {
  await using rig = await startRig();
  const sidecar = (name: string): V1Container => ({
    ...{ name, image: "shop:1", imagePullPolicy: "IfNotPresent", restartPolicy: "Always" },
  });
  const startupProbe = exec("started");
  const proxy = { ...sidecar("proxy"), startupProbe: { ...startupProbe, periodSeconds: 1 } };
  const health: FakeExec = { exitCode: 1 };
  rig.runtime.onExec = async () => health;
  await rig.createPod("p", { initContainers: [proxy, sidecar("log")] });
  await rig.untilPod("p", "proxy runs", (pod) => statusOf(pod, "proxy").state?.running !== undefined);
  await eventually("it is probed", patienceMs, async () => {
    await rig.clock.advance(100);
    return rig.runtime.execs.length > 0;
  });
  expect(rig.runtime.containerConfigs.map(({ metadata }) => metadata.name)).toEqual(["proxy"]);
  rig.runtime.onExec = async () => ({});
  const pod = await rig.untilPod("p", "runs", ({ status }) => {
    void rig.clock.advance(500);
    return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
  });
  expect(pod.status?.initContainerStatuses).toMatchObject([
    { name: "proxy", ready: true, started: true },
    { name: "log", ready: true, started: true },
  ]);
  expect(rig.runtime.containerConfigs.map(({ metadata }) => metadata.name)).toEqual(["proxy", "log", "web"]);

  rig.runtime.exit(rig.runtime.running("log").id, 1);
  await rig.untilPod(
    "p",
    "log again",
    (is) => statusOf(is, "log").restartCount === 1 && statusOf(is, "log").ready,
  );
  expect(statusOf(await rig.pods.get("p")).restartCount).toBe(0);

  for (const name of ["web", "log", "proxy"]) rig.runtime.stubborn.add(name);
  await rig.pods.delete("p", { gracePeriodSeconds: 30 });
  for (const [index, name] of ["web", "log", "proxy"].entries()) {
    await untilStopped(rig, index + 1);
    await rig.clock.advance(1000);
    expect(rig.runtime.stopTimeoutsMs).toHaveLength(index + 1);
    rig.runtime.exit(rig.runtime.running(name).id, 0);
  }
  await rig.untilGone("p");
  const [first = 0, second = 0, third = 0] = rig.runtime.stopTimeoutsMs;
  expect([first, first - second >= 1000, second - third >= 1000]).toEqual([30_000, true, true]);
});

test("an ephemeral container runs beside the others, once", async () => {
  await using rig = await startRig();
  await rig.createPod("p");
  await rig.untilRunning("p");
  const debug = { name: "debug", image: "shop:1", imagePullPolicy: "IfNotPresent" };
  await rig.pods.patch(
    "p",
    { spec: { ephemeralContainers: [debug] } },
    "application/strategic-merge-patch+json",
    "ephemeralcontainers",
  );
  const seen = await rig.untilPod(
    "p",
    "debug runs",
    ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.running !== undefined,
  );
  expect(seen.status?.phase).toBe("Running");
  await eventually("an event of the container", patienceMs, async () =>
    (await rig.events("p")).some(
      ({ involvedObject }) => involvedObject.fieldPath === "spec.ephemeralContainers{debug}",
    ),
  );
  rig.runtime.exit(rig.runtime.running("debug").id, 3);
  const over = await rig.untilPod(
    "p",
    "debug ended",
    ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.terminated?.exitCode === 3,
  );
  expect(over.status?.phase).toBe("Running");
  await rig.clock.advance(60_000);
  expect(rig.runtime.containerConfigs).toHaveLength(2);
});
