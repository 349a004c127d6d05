import { expect, test } from "bun:test";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../framework/eventually.ts";
import { KubeletRig, patienceMs, statusOf } from "./kubelet-rig.ts";

test("a Pod runs: image, machine, container, status and events", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const created = await rig.createPod("p", { hostname: "front" });
  const pod = await rig.untilRunning("p");
  expect(pod.status).toMatchObject({ phase: "Running", hostIP: "192.0.2.1", qosClass: "BestEffort" });
  expect(statusOf(pod)).toMatchObject({
    image: "shop:1",
    imageID: expect.stringMatching(/^shop@sha256:/),
    containerID: expect.stringMatching(/^crx:\/\//),
    restartCount: 0,
    ready: true,
    started: true,
  });
  const uid = created.metadata?.uid ?? "";
  expect(rig.runtime.sandboxConfigs[0]).toMatchObject({
    metadata: { namespace: "default", name: "p", uid, attempt: 0 },
    hostname: "front",
    cpuCount: 1,
    memoryBytes: (256 + 64) * 1024 * 1024,
    logDirectory: join(rig.logRoot, "pods", `default_p_${uid}`),
  });
  await rig.untilEvent("p", "Started");
  const events = (await rig.events("p")).map(({ reason, message }) => `${reason}: ${message}`);
  expect(events).toEqual([
    'Pulling: Pulling image "shop:1"',
    expect.stringMatching(
      /^Pulled: Successfully pulled image "shop:1" in \S+ \(\S+ including waiting\)\. Image size: 1234 bytes\.$/,
    ),
    "Created: Container created",
    "Started: Container started",
  ]);
  expect((await rig.events("p"))[3]?.involvedObject.fieldPath).toBe("spec.containers{web}");
});

test("an image that is there is not pulled, one that must not be pulled is named", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1", true);
  await rig.createPod("p");
  await rig.untilRunning("p");
  expect(await rig.untilEvent("p", "Pulled")).toBe(
    'Container image "shop:1" already present on machine and can be accessed by the pod',
  );
  expect(rig.images.pulls).toEqual([]);
  await rig.createPod("q", {}, { image: "none:1", imagePullPolicy: "Never" });
  const pod = await rig.untilWaiting("q", "ErrImageNeverPull");
  expect(statusOf(pod).state?.waiting?.message).toBe(
    'Container image "none:1" is not present with pull policy of Never',
  );
});

test("a failed pull is shown, held back and made good", async () => {
  await using rig = await KubeletRig.start();
  await rig.createPod("p");
  const failed = await rig.untilWaiting("p", "ErrImagePull");
  expect(failed.status?.phase).toBe("Pending");
  expect(statusOf(failed).state?.waiting?.message).toBe("Image shop:1 does not exist in its registry");
  await rig.untilEvent("p", "Failed", "Error: ErrImagePull");
  await rig.clock.advance(3000);
  const held = await rig.untilWaiting("p", "ImagePullBackOff");
  expect(statusOf(held).state?.waiting?.message).toContain('Back-off pulling image "shop:1"');
  await rig.clock.advance(6000);
  expect(rig.images.pulls).toHaveLength(1);
  rig.images.add("shop:1");
  await rig.clock.advance(1000);
  await rig.untilRunning("p");
});

test("an image name that is none is said to be so", async () => {
  await using rig = await KubeletRig.start();
  await rig.createPod("p", {}, { image: "Shop:1" });
  await rig.untilWaiting("p", "InvalidImageName");
  await rig.untilEvent("p", "InspectFailed", 'Failed to apply default image tag "Shop:1"');
});

test("pull secrets that fit are tried", async () => {
  await using rig = await KubeletRig.start();
  const image = "registry.test/shop:1";
  rig.images.add(image);
  const auths = { "registry.test": { username: "me", password: "secret" } };
  await rig.create("secrets", {
    metadata: { name: "registry" },
    type: "kubernetes.io/dockerconfigjson",
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  });
  await rig.createPod("p", { imagePullSecrets: [{ name: "registry" }] }, { image });
  await rig.untilRunning("p");
  expect(rig.images.pulls).toEqual([{ reference: image, username: "me" }]);
});

test("a container that ends is restarted: at once, then after a back-off that grows", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("p");
  await rig.untilRunning("p");
  rig.runtime.exit(rig.runtime.running("web").id, 3);
  const again = await rig.untilPod(
    "p",
    "restarted once",
    (pod) => statusOf(pod).restartCount === 1 && statusOf(pod).ready,
  );
  expect(statusOf(again).lastState?.terminated).toMatchObject({ exitCode: 3, reason: "Error" });

  rig.runtime.exit(rig.runtime.running("web").id, 4);
  const held = await rig.untilWaiting("p", "CrashLoopBackOff");
  const uid = held.metadata?.uid;
  expect(statusOf(held).state?.waiting?.message).toBe(
    `back-off 10s restarting failed container=web pod=p_default(${uid})`,
  );
  expect(statusOf(held).lastState?.terminated?.exitCode).toBe(4);
  expect(held.status?.phase).toBe("Running");
  await rig.untilEvent("p", "BackOff", `Back-off restarting failed container web in pod p_default(${uid})`);
  await rig.clock.advance(9000);
  expect(() => rig.runtime.running("web")).toThrow();
  await rig.clock.advance(1000);
  await rig.untilPod(
    "p",
    "restarted twice",
    (pod) => statusOf(pod).restartCount === 2 && statusOf(pod).ready,
  );

  rig.runtime.exit(rig.runtime.running("web").id, 0);
  const longer = await rig.untilWaiting("p", "CrashLoopBackOff");
  expect(statusOf(longer).state?.waiting?.message).toContain("back-off 20s");
  expect(statusOf(longer).lastState?.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
  expect(rig.runtime.listContainers().length).toBeLessThanOrEqual(2);
});

test("a Pod that is not to be restarted succeeds or fails, and its machine ends", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  for (const [name, exitCode, phase] of [
    ["good", 0, "Succeeded"],
    ["bad", 9, "Failed"],
  ] as const) {
    await rig.createPod(name, { restartPolicy: "Never" });
    await rig.untilRunning(name);
    rig.runtime.exit(rig.runtime.running("web").id, exitCode);
    const pod = await rig.untilPod(name, phase, ({ status }) => status?.phase === phase);
    expect(statusOf(pod).state?.terminated?.exitCode).toBe(exitCode);
    await eventually("its machine to end", patienceMs, () =>
      rig.runtime.listPodSandboxes().every(({ state }) => state === "not-ready"),
    );
    expect((await rig.pods.get(name)).status?.phase).toBe(phase);
  }
  await rig.pods.delete("good");
  await rig.untilGone("good");
});

test("init containers run one after another before the others", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const init = (name: string) => ({ name, image: "shop:1", imagePullPolicy: "IfNotPresent" });
  await rig.createPod("p", { initContainers: [init("first"), init("second")] });
  const first = await rig.untilPod(
    "p",
    "first runs",
    (pod) => statusOf(pod, "first").state?.running !== undefined,
  );
  expect(first.status?.phase).toBe("Pending");
  expect(statusOf(first).state?.waiting?.reason).toBe("PodInitializing");
  rig.runtime.exit(rig.runtime.running("first").id, 0);
  await rig.untilPod("p", "second runs", (pod) => statusOf(pod, "second").state?.running !== undefined);
  rig.runtime.exit(rig.runtime.running("second").id, 0);
  const pod = await rig.untilRunning("p");
  expect(statusOf(pod, "first").state?.terminated?.reason).toBe("Completed");
  expect(rig.runtime.containerConfigs.map(({ metadata }) => metadata.name)).toEqual([
    "first",
    "second",
    "web",
  ]);
});

test("a failed init container fails a Pod that is not to be restarted", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const initContainers = [{ name: "first", image: "shop:1", imagePullPolicy: "IfNotPresent" }];
  await rig.createPod("p", { initContainers, restartPolicy: "Never" });
  await rig.untilPod("p", "first runs", (pod) => statusOf(pod, "first").state?.running !== undefined);
  rig.runtime.exit(rig.runtime.running("first").id, 2);
  const pod = await rig.untilPod("p", "Failed", ({ status }) => status?.phase === "Failed");
  expect(statusOf(pod, "first").state?.terminated?.exitCode).toBe(2);
  expect(rig.runtime.containerConfigs).toHaveLength(1);
});

test("a Pod whose machine dies gets another, never two at once", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("p");
  await rig.untilRunning("p");
  rig.runtime.breakSandbox(rig.runtime.listPodSandboxes()[0]?.id ?? "");
  const pod = await rig.untilPod(
    "p",
    "restarted",
    (is) => statusOf(is).restartCount === 1 && statusOf(is).ready,
  );
  expect(statusOf(pod).lastState?.terminated).toMatchObject({
    exitCode: 137,
    reason: "ContainerStatusUnknown",
  });
  expect(await rig.untilEvent("p", "SandboxChanged")).toBe(
    "Pod sandbox changed, it will be killed and re-created.",
  );
  expect(rig.runtime.sandboxConfigs.map(({ metadata }) => metadata.attempt)).toEqual([0, 1]);
  expect(rig.runtime.mostPerPod).toBe(1);
});

test("a machine that cannot be made is told and tried again", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.runtime.sandboxFailures.push("QEMU ended before its guest answered");
  await rig.createPod("p");
  expect(await rig.untilEvent("p", "FailedCreatePodSandBox")).toBe(
    "Failed to create pod sandbox: QEMU ended before its guest answered",
  );
  await rig.clock.advance(10_000);
  await rig.untilRunning("p");
});

test("a process that cannot be started is told, held back and started again", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const text = 'exec "/entry": no such file or directory';
  rig.runtime.startFailures.push(text, text);
  await rig.createPod("p");
  await rig.untilWaiting("p", "RunContainerError");
  await rig.untilEvent("p", "Failed", `Error: ${text}`);
  await rig.clock.advance(6000);
  const held = await rig.untilWaiting("p", "CrashLoopBackOff");
  expect(statusOf(held).lastState?.terminated).toMatchObject({
    exitCode: 128,
    reason: "StartError",
    message: text,
  });
  await rig.clock.advance(10_000);
  await rig.untilRunning("p");
});

test("a deleted Pod gets its grace period and leaves nothing", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.runtime.stubborn.add("web");
  const created = await rig.createPod("p");
  await rig.untilRunning("p");
  const logs = rig.runtime.sandboxConfigs[0]?.logDirectory ?? "";
  expect(existsSync(logs)).toBe(true);
  await rig.pods.delete("p", { gracePeriodSeconds: 5 });
  expect(await rig.untilEvent("p", "Killing")).toBe("Stopping container web");
  await eventually("SIGTERM", patienceMs, () => rig.runtime.stopTimeoutsMs.length > 0);
  expect(rig.runtime.stopTimeoutsMs).toEqual([5000]);
  expect((await rig.pods.get("p")).metadata?.uid).toBe(created.metadata?.uid ?? "");
  await rig.clock.advance(5000);
  await rig.untilGone("p");
  expect([rig.runtime.listPodSandboxes(), existsSync(logs)]).toEqual([[], false]);
});

test("a container that even SIGKILL does not end goes with its machine, after the others had their time", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.runtime.unkillable.add("web");
  rig.runtime.stubborn.add("log");
  const container = { image: "shop:1", imagePullPolicy: "IfNotPresent" };
  await rig.createPod("p", {
    containers: [
      { name: "web", ...container },
      { name: "log", ...container },
    ],
  });
  await rig.untilRunning("p");
  await rig.pods.delete("p", { gracePeriodSeconds: 5 });
  await eventually("SIGTERM", patienceMs, () => rig.runtime.stopTimeoutsMs.length === 2);
  expect(rig.runtime.listPodSandboxes()[0]?.state).toBe("ready");
  await rig.clock.advance(5000);
  await rig.untilGone("p");
  expect(rig.runtime.listPodSandboxes()).toEqual([]);
});

test("a shorter grace period cuts a longer one off", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.runtime.stubborn.add("web");
  await rig.createPod("p");
  await rig.untilRunning("p");
  await rig.pods.delete("p", { gracePeriodSeconds: 300 });
  await eventually("SIGTERM", patienceMs, () => rig.runtime.stopTimeoutsMs.length === 1);
  await rig.pods.delete("p", { gracePeriodSeconds: 2 });
  await eventually("a second SIGTERM", patienceMs, () => rig.runtime.stopTimeoutsMs.length === 2);
  await rig.clock.advance(2000);
  await rig.untilGone("p");
  expect(rig.runtime.stopTimeoutsMs).toEqual([300_000, 2000]);
});

test("a Pod that is deleted by force ends all the same", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("p");
  await rig.untilRunning("p");
  await rig.pods.delete("p", { gracePeriodSeconds: 0 });
  await eventually("its machine to be gone", patienceMs, () => rig.runtime.listPodSandboxes().length === 0);
});

test("a Pod is deleted while its image is pulled", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.images.holdPulls();
  await rig.createPod("p");
  await eventually("the pull", patienceMs, () => rig.images.pulls.length === 1);
  await rig.pods.delete("p");
  await rig.untilGone("p");
  expect(rig.runtime.listPodSandboxes()).toEqual([]);
});

test("the next daemon takes Pods over: no second machine, no exit code missed", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("runs");
  await rig.untilRunning("runs");
  const kept = rig.runtime.running("web").id;
  await rig.createPod("ends", { restartPolicy: "Never" }, { name: "job" });
  await rig.untilRunning("ends");
  await rig.createPod("deleted", {}, { name: "old" });
  await rig.untilRunning("deleted");
  await rig.stopKubelet();
  rig.runtime.exit(rig.runtime.running("job").id, 42);
  await rig.pods.delete("deleted", { gracePeriodSeconds: 1 });
  rig.startKubelet();
  const ended = await rig.untilPod("ends", "Failed", ({ status }) => status?.phase === "Failed");
  expect(statusOf(ended).state?.terminated?.exitCode).toBe(42);
  await rig.untilGone("deleted");
  expect(rig.runtime.running("web").id).toBe(kept);
  expect(statusOf(await rig.pods.get("runs")).restartCount).toBe(0);
  expect(rig.runtime.sandboxConfigs).toHaveLength(3);
});

test("the next daemon leaves a container running that the one before had not yet found to run", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1", true);
  await rig.createPod("p");
  await rig.untilRunning("p");
  await rig.stopKubelet();
  const container = rig.runtime.running("web");
  const taking = Promise.withResolvers<void>();
  rig.runtime.takenOver = (): Promise<void> => taking.promise;
  Object.assign(container, { state: "created" });
  rig.startKubelet();
  await rig.createPod("q", {}, { name: "other" });
  // Whoever did not wait for the machine of the first has made its container anew by then.
  await rig.untilRunning("q");
  Object.assign(container, { state: "running" });
  taking.resolve();
  await rig.createPod("r", {}, { name: "third" });
  await rig.untilRunning("r");
  expect(rig.runtime.running("web").id).toBe(container.id);
  expect(rig.runtime.containerConfigs).toHaveLength(3);
});

test("the next daemon removes what the API has no more, and spares a new Pod of the same name", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("p");
  await rig.untilRunning("p");
  await rig.stopKubelet();
  const stale = join(rig.logRoot, "pods", "default_gone_unknown-uid");
  mkdirSync(stale, { recursive: true });
  await rig.pods.delete("p", { gracePeriodSeconds: 0 });
  const anew = await rig.createPod("p");
  rig.startKubelet();
  const pod = await rig.untilRunning("p");
  expect(pod.metadata?.uid).toBe(anew.metadata?.uid ?? "");
  await eventually("one machine", patienceMs, () => rig.runtime.listPodSandboxes().length === 1);
  expect(rig.runtime.listPodSandboxes()[0]?.metadata.uid).toBe(anew.metadata?.uid ?? "");
  expect(existsSync(stale)).toBe(false);
});

test("a Pod past its deadline fails", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("p", { activeDeadlineSeconds: 60 });
  await rig.untilRunning("p");
  await rig.clock.advance(61_000);
  const pod = await rig.untilPod("p", "Failed", ({ status }) => status?.phase === "Failed");
  expect(pod.status).toMatchObject({
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  });
});

test("a Pod that does not fit is refused with the amounts", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("fits", {}, { resources: { requests: { cpu: "3" } } });
  await rig.untilRunning("fits");
  await rig.createPod("big", {}, { resources: { requests: { cpu: "2" } } });
  const pod = await rig.untilPod("big", "Failed", ({ status }) => status?.phase === "Failed");
  expect(pod.status).toMatchObject({
    reason: "OutOfcpu",
    message:
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
  });
});

test("a field that is not honoured yet is named: the Pod waits, or runs without it", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  await rig.createPod("waits", {
    volumes: [
      { name: "data", iscsi: { targetPortal: "192.0.2.1", iqn: "iqn.2001-04.com.example:a", lun: 0 } },
    ],
  });
  const text =
    'spec.volumes[0].iscsi is not supported on this host: volume "data" is of a kind not supported yet';
  expect(await rig.untilEvent("waits", "FailedMount")).toBe(
    `MountVolume.SetUp failed for volume "data" : ${text}`,
  );
  const waits = await rig.untilWaiting("waits", "CreateContainerConfigError");
  expect(statusOf(waits).state?.waiting?.message).toBe(text);
  await rig.createPod("runs", { securityContext: { appArmorProfile: { type: "RuntimeDefault" } } });
  await rig.untilRunning("runs");
  expect(await rig.untilEvent("runs", "FieldNotHonoured")).toContain("spec.securityContext.appArmorProfile");
  await rig.createPod("claims", { resourceClaims: [{ name: "gpu", resourceClaimName: "one" }] });
  expect(await rig.untilEvent("claims", "FailedPrepareDynamicResources")).toBe(
    "Failed to prepare dynamic resources: spec.resourceClaims is not supported on this host: no DRA driver is registered on this host",
  );
  const localhostProfile = { type: "Localhost", localhostProfile: "mine" };
  await rig.createPod("fails", { securityContext: { appArmorProfile: localhostProfile } });
  const failed = await rig.untilPod("fails", "Failed", ({ status }) => status?.phase === "Failed");
  expect(failed.status).toMatchObject({
    reason: "AppArmor",
    message: "Pod was rejected: Cannot enforce AppArmor: AppArmor is not enabled on the host",
  });
});

test("a container waits for a ConfigMap and starts when it comes", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  const env = [
    { name: "COLOR", valueFrom: { configMapKeyRef: { name: "settings", key: "color" } } },
    { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
  ];
  await rig.createPod("p", {}, { env });
  const waits = await rig.untilWaiting("p", "CreateContainerConfigError");
  expect(statusOf(waits).state?.waiting?.message).toBe('configmap "settings" not found');
  await rig.create("configmaps", { metadata: { name: "settings" }, data: { color: "red" } });
  await rig.clock.advance(10_000);
  await rig.untilRunning("p");
  const variables = rig.runtime.containerConfigs[0]?.env ?? [];
  expect(variables).toContainEqual({ name: "COLOR", value: "red" });
  expect(variables).toContainEqual({ name: "NODE", value: "n1" });
});

test("a container whose image changes is made anew", async () => {
  await using rig = await KubeletRig.start();
  rig.images.add("shop:1");
  rig.images.add("shop:2");
  await rig.createPod("p");
  await rig.untilRunning("p");
  await rig.pods.patch(
    "p",
    [{ op: "replace", path: "/spec/containers/0/image", value: "shop:2" }],
    "application/json-patch+json",
  );
  const pod = await rig.untilPod(
    "p",
    "shop:2 runs",
    (is) => statusOf(is).image === "shop:2" && statusOf(is).ready,
  );
  expect(statusOf(pod).restartCount).toBe(1);
  expect(await rig.untilEvent("p", "Killing")).toBe("Container web definition changed, will be restarted");
});
