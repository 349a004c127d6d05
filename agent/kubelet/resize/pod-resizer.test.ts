import { expect, test } from "bun:test";
import type { V1Container, V1Pod, V1ResourceRequirements } from "../../../supervisor/api/generated/types.ts";
import type { EventRecorder } from "../../../supervisor/client/types.ts";
import { FakeClock } from "../../../test/framework/fake-clock.ts";
import { fakeImage } from "../../../test/framework/fake-images.ts";
import { FakeRuntime } from "../../../test/framework/fake-runtime.ts";
import { containerConfig } from "../containers/container-config.ts";
import { NodeFit } from "../node/node-fit.ts";
import { PodResize } from "./pod-resize.ts";
import { PodResizer } from "./pod-resizer.ts";

const same = (cpu: string, memory: string): V1ResourceRequirements => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
});

function podOf(one: Partial<V1Container>, two: Partial<V1Container>, generation = 1): V1Pod {
  const containers = [
    { name: "one", image: "i", ...one },
    { name: "two", image: "i", ...two },
  ];
  return { metadata: { name: "p", namespace: "ns", uid: "u", generation }, spec: { containers } };
}

/** A Pod whose containers run, and what changes them. */
async function rig(pod: V1Pod) {
  const runtime = new FakeRuntime(new FakeClock());
  const id = (await runtime.addSandbox("u")).id;
  const image = fakeImage("test:1");
  for (const container of pod.spec?.containers ?? []) {
    const none = new Map();
    const known = { environment: none, imageVolumes: none };
    const more = { image, restartCount: 0, hostname: "p", nodeMemoryBytes: 1 << 30, ...known };
    await runtime.startContainer(
      await runtime.createContainer(id, containerConfig({ pod, container, ...more })),
    );
  }
  const events: string[] = [];
  const recorder: EventRecorder = { event: (_pod, _type, reason) => void events.push(reason) };
  const fit = new NodeFit(() => ({ cpu: "2", memory: "1Gi", pods: "10" }));
  fit.include(pod);
  const resizer = new PodResizer({ runtime, recorder, fit, nodeSize: { cpuCount: 2, memoryBytes: 1 << 30 } });
  const stats = (usedBytes: number): void => {
    const memory = { ...{ usedBytes, workingSetBytes: 0, residentBytes: 0, cacheBytes: 0, mappedBytes: 0 } };
    const usage = { cpuNanoseconds: 0, cpuUserNanoseconds: 0, cpuSystemNanoseconds: 0, memory };
    const containers = runtime.listContainers(id).map((one) => ({ id: one.id, usage }));
    // The resizer looks at nothing else.
    runtime.stats.set(id, { atMs: 0, machine: {}, containers, volumes: [] } as never);
  };
  stats(1000);
  return { runtime, resizer, events, fit, stats, resize: new PodResize() };
}

test("a resize is given to running containers, what is given back first", async () => {
  const before = podOf({ resources: same("500m", "100Mi") }, { resources: same("500m", "200Mi") });
  const { runtime, resizer, events, resize } = await rig(before);
  expect(resizer.allocate(before, resize)).toBe(before);
  const after = podOf({ resources: same("600m", "150Mi") }, { resources: same("500m", "120Mi") }, 2);
  const allocated = resizer.allocate(after, resize);
  expect(resize.conditions()).toEqual([
    { type: "PodResizeInProgress", status: "True", observedGeneration: 2 },
  ]);
  expect(await resizer.actuate(allocated, resize)).toBe(true);
  expect(
    runtime.updates.map(({ name, resources }) => [name, resources.cpuMillis, resources.memoryBytes]),
  ).toEqual([
    ["two", 500, 120 << 20],
    ["one", 600, 150 << 20],
  ]);
  resizer.settle(allocated, resize);
  expect(resize.conditions()).toEqual([]);
  expect(events).toEqual(["ResizeStarted", "ResizeCompleted"]);
  await resizer.actuate(allocated, resize);
  expect(runtime.updates.length).toBe(2);
});

test("the machine is large enough for both while containers change, and the Pod's own limits are given to it", async () => {
  const before = podOf({ resources: same("500m", "400Mi") }, {});
  const { runtime, resizer, resize } = await rig(before);
  const after = podOf({ resources: same("500m", "100Mi") }, {}, 2);
  const allocated = resizer.allocate(after, resize);
  await resizer.actuate(allocated, resize);
  const mebibytes = runtime.sandboxUpdates.map(({ memoryBytes }) => memoryBytes >> 20);
  // 256 MiB for the other container, and 64 MiB for the guest.
  expect(mebibytes).toEqual([720, 420]);
  resizer.settle(allocated, resize);
  const ofPod = { limits: { cpu: "1", memory: "600Mi" } };
  const whole: V1Pod = { ...after, spec: { containers: [], ...after.spec, resources: ofPod } };
  await resizer.actuate(resizer.allocate(whole, resize), resize);
  resizer.settle(whole, resize);
  expect(resize.conditions()).toEqual([]);
  expect(runtime.sandboxUpdates.at(-1)).toMatchObject({
    memoryBytes: 664 << 20,
    resources: { cpuMillis: 1000, memoryBytes: 600 << 20 },
  });
  // A container without a limit of its own has the Pod's.
  expect(runtime.updates.at(-1)).toMatchObject({ name: "two", resources: { memoryBytes: 600 << 20 } });
});

test("what the node cannot give waits, and the containers keep what they have", async () => {
  const before = podOf({ resources: same("1", "100Mi") }, {});
  const { resizer, events, fit, resize } = await rig(before);
  const huge = podOf({ resources: same("3", "100Mi") }, {}, 2);
  expect(resizer.allocate(huge, resize).spec?.containers[0]?.resources).toEqual(same("1", "100Mi"));
  expect(resize.pending).toEqual({
    reason: "Infeasible",
    message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000",
    observedGeneration: 2,
  });
  fit.include({
    metadata: { uid: "other" },
    spec: { containers: [{ name: "x", resources: same("500m", "1Mi") }] },
  });
  const large = podOf({ resources: same("2", "100Mi") }, {}, 3);
  resizer.allocate(large, resize);
  resizer.allocate(large, resize);
  expect(resize.pending?.message).toBe(
    "Node didn't have enough resource: cpu, requested: 2000, used: 500, capacity: 2000",
  );
  fit.release("other");
  expect(resizer.allocate(large, resize)).toBe(large);
  expect(resize.pending).toBeUndefined();
  expect(events).toEqual(["ResizeInfeasible", "ResizeDeferred", "ResizeStarted"]);
});

test("memory is not limited below what a container uses", async () => {
  const before = podOf({ resources: same("500m", "100Mi") }, {});
  const { runtime, resizer, events, stats, resize } = await rig(before);
  resizer.allocate(before, resize);
  stats(60 << 20);
  const after = podOf({ resources: same("500m", "50Mi") }, {}, 2);
  const allocated = resizer.allocate(after, resize);
  expect(await resizer.actuate(allocated, resize)).toBe(false);
  expect(resize.inProgress).toMatchObject({
    reason: "Error",
    message: 'attempting to set container "one" memory limit (52428800) below current usage (62914560)',
  });
  expect(await resizer.actuate(allocated, resize)).toBe(false);
  stats(10 << 20);
  expect(await resizer.actuate(allocated, resize)).toBe(true);
  resizer.settle(allocated, resize);
  expect(runtime.updates.length).toBe(1);
  expect(events).toEqual(["ResizeStarted", "ResizeError", "ResizeCompleted"]);
});

test("a container whose policy asks for it is made anew instead, and other ways of writing are no change", async () => {
  const resizePolicy = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
  const before = podOf({ resources: same("500m", "100Mi"), resizePolicy }, {});
  const { runtime, resizer, resize } = await rig(before);
  resizer.allocate(before, resize);
  const same_ = podOf({ resources: same("0.5", "104857600"), resizePolicy }, {}, 2);
  resizer.allocate(same_, resize);
  expect(resize.inProgress).toBeUndefined();
  const after = resizer.allocate(podOf({ resources: same("500m", "200Mi"), resizePolicy }, {}, 3), resize);
  await resizer.actuate(after, resize);
  resizer.settle(after, resize);
  expect(runtime.updates).toEqual([]);
  expect(resize.inProgress).toBeDefined();
});
