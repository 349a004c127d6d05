import { expect, test } from "bun:test";
import { KubeletRig } from "./kubelet-rig.ts";

const mebibyte = 1024 ** 2;

test("a Pod of the class crx is counted with what its machine costs, which is in the machine's size", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const limits = { cpu: "1", memory: "128Mi" };
  const pod = await rig.createPod("counted", { runtimeClassName: "crx" }, { resources: { limits } });
  expect(pod.spec?.overhead).toEqual({ cpu: "10m", memory: "64Mi" });
  await rig.untilRunning("counted");
  expect(rig.runtime.sandboxConfigs[0]).toMatchObject({ cpuCount: 1, memoryBytes: 192 * mebibyte });
});

test("a class of the host's own makes its machines larger, and its overhead makes room for the guest", async () => {
  await using rig = await KubeletRig.start({
    machineClasses: new Map([["big", { cpuCount: 3, memoryBytes: 1024 * mebibyte }]]),
  });
  rig.images.add("shop:1");
  const classes = rig.client.resource({ group: "node.k8s.io", version: "v1", resource: "runtimeclasses" });
  const overhead = { podFixed: { memory: "100Mi" } };
  await classes.create(Object.assign({ metadata: { name: "large" } }, { handler: "big", overhead }));
  await rig.createPod("large", { runtimeClassName: "large" });
  await rig.untilRunning("large");
  expect(rig.runtime.sandboxConfigs[0]).toMatchObject({ cpuCount: 3, memoryBytes: 1124 * mebibyte });
});

test("a Pod whose class has a handler that this host lacks waits, and an event names it", async () => {
  await using rig = await KubeletRig.start();
  const classes = rig.client.resource({ group: "node.k8s.io", version: "v1", resource: "runtimeclasses" });
  await classes.create(Object.assign({ metadata: { name: "other" } }, { handler: "gvisor" }));
  await rig.createPod("waits", { runtimeClassName: "other" });
  expect(await rig.untilEvent("waits", "FailedCreatePodSandBox")).toBe(
    'Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "gvisor" is configured; this host has crx',
  );
  await classes.delete("other");
  await rig.clock.advance(10_000);
  const text = 'Failed to create pod sandbox: runtimeclass.node.k8s.io "other" not found';
  expect(await rig.untilEvent("waits", "FailedCreatePodSandBox", "not found")).toBe(text);
});
