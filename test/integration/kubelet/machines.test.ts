import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { guestKernelOf } from "../../../agent/runtime/crx/guest-image.ts";
import { type SpawnProcess, spawnDetached } from "../../../agent/runtime/crx/qemu/spawn-qemu.ts";
import { eventually } from "../../framework/eventually.ts";
import { builtGuest, machineObstacle } from "../../framework/machine-obstacle.ts";
import { NetworkNamespace, namespaceObstacle } from "../../framework/network-namespace.ts";
import { serveAddress } from "../../framework/serve-address.ts";
import { MachineHost } from "./machine-host.ts";

const obstacle = machineObstacle();
const limitMs = 600_000;

/** A namespace in the box's place, so that nothing of this machine's network is touched. */
async function boxWithOutside(stack: AsyncDisposableStack) {
  const box = stack.use(await NetworkNamespace.create("box"));
  const outside = stack.use(await NetworkNamespace.create("outside"));
  await box.connect("up0", outside, "up1");
  await box.ip("addr add 192.0.2.1/24 dev up0");
  await outside.ip("addr add 192.0.2.2/24 dev up1");
  const spawn: SpawnProcess = (request) => {
    const [command = "", ...args] = box.command(request.command, ...request.args);
    return spawnDetached({ ...request, command, args });
  };
  return { box, outside, networkTools: box.tools, spawn };
}

function machineTest(name: string, body: () => Promise<void>): void {
  const title = obstacle ? `${name} (skipped: ${obstacle})` : name;
  test.skipIf(obstacle !== undefined)(title, body, limitMs);
}

/** The process id of the QEMU that a Pod has, by its record. */
function machineOf(host: MachineHost, pod: string): number {
  const folder = join(host.dataDir, "sandboxes");
  const records = readdirSync(folder).map((id) =>
    JSON.parse(readFileSync(join(folder, id, "sandbox.json"), "utf8")),
  );
  return records.find(({ config }) => config.metadata.name === pod).process.pid;
}

machineTest("a Pod runs in a machine of its own and leaves nothing when it is deleted", async () => {
  await using host = await MachineHost.start();
  // Without a network its probes reach the Pod through its machine's channel; it is Ready only by both.
  const probe = { periodSeconds: 1, timeoutSeconds: 5 };
  const probes = {
    readinessProbe: { ...probe, httpGet: { path: "/", port: 8080 } },
    startupProbe: { ...probe, failureThreshold: 600, tcpSocket: { port: 8080 } },
  };
  const demo = { name: "demo", image: "pacific.local/demo:latest", imagePullPolicy: "IfNotPresent" };
  await host.createPod("hello", { containers: [{ ...demo, ...probes }] });
  const pod = await host.untilRunning("hello");
  expect(pod.spec?.nodeName).toBe("n1");
  expect(pod.status?.podIP).toBeUndefined();
  expect(pod.status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 0 });
  const log = await host.untilLog(pod, "Hello from hello, in a virtual machine of its own");
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F Hello from hello/);
  await host.pods.delete("hello");
  await host.untilGone("hello");
  expect(host.runtime.listPodSandboxes()).toEqual([]);
  expect(readdirSync(join(host.dataDir, "sandboxes"))).toEqual([]);
  expect(readdirSync(join(host.dataDir, "logs", "pods"))).toEqual([]);
});

machineTest("exit codes reach the status, and commands and variables the process", async () => {
  await using host = await MachineHost.start();
  const image = "pacific.local/demo:latest";
  const command = ["sh", "-c", 'echo "$GREETING from $POD on $(hostname)"; exit $(CODE)'];
  const env = [
    { name: "CODE", value: "7" },
    { name: "GREETING", value: "Hi" },
    { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  ];
  const job = { name: "job", image, imagePullPolicy: "IfNotPresent", command, env };
  const init = { name: "init", image, imagePullPolicy: "IfNotPresent", command: ["true"] };
  await host.createPod("job", { restartPolicy: "Never", initContainers: [init], containers: [job] });
  const pod = await host.untilPod("job", "Failed", ({ status }) => status?.phase === "Failed");
  expect(pod.status?.initContainerStatuses?.[0]?.state?.terminated?.reason).toBe("Completed");
  expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
    exitCode: 7,
    reason: "Error",
  });
  await host.untilLog(pod, "Hi from job on job");
});

machineTest("the next daemon takes the machine over, and an exit while none ran is not missed", async () => {
  await using host = await MachineHost.start();
  const shared = join(host.dataDir, "shared");
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  const script =
    "trap 'exit 3' TERM; until [ -e /tmp/go ]; do sleep 0.1; done; sleep 1; touch /shared/over; exit 42";
  await host.createPod("stays");
  const job = {
    name: "job",
    image: "pacific.local/demo:latest",
    imagePullPolicy: "IfNotPresent",
    command: ["sh", "-c", script],
    volumeMounts: [{ name: "shared", mountPath: "/shared" }],
  };
  const volumes = [{ name: "shared", hostPath: { path: shared } }];
  await host.createPod("ends", { restartPolicy: "Never", containers: [job], volumes });
  const before = await host.untilRunning("stays");
  await host.untilRunning("ends");
  await host.exec("ends", ["touch", "/tmp/go"]);
  await host.stopDaemon();
  await eventually("the container is at its end", limitMs, () => existsSync(join(shared, "over")));
  const overMs = Date.now() + 1000;
  await eventually("the guest had time to see the exit", limitMs, () => Date.now() > overMs);
  const restartedMs = Date.now();
  // The other one's machine does not answer the new daemon, which serves all the same.
  const hung = machineOf(host, "stays");
  process.kill(hung, "SIGSTOP");
  await host.startDaemon();
  const ended = await host.untilPod("ends", "Failed", ({ status }) => status?.phase === "Failed");
  const { exitCode, finishedAt } = ended.status?.containerStatuses?.[0]?.state?.terminated ?? {};
  expect(exitCode).toBe(42);
  expect(Date.parse(finishedAt ?? "")).toBeLessThan(restartedMs);
  const after = await host.pods.get("stays");
  expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses ?? []);
  process.kill(hung, "SIGCONT");
  expect(await host.exec("stays", ["echo", "still here"])).toBe("still here\n");
  const answered = await host.pods.get("stays");
  expect(answered.status?.containerStatuses).toEqual(before.status?.containerStatuses ?? []);
});

machineTest("a Pod of a class with a guest of its own boots that one", async () => {
  const kernel = await guestKernelOf(builtGuest.manifest);
  const tuned = { kernel: { ...kernel, kernelArguments: `${kernel.kernelArguments} test.class=tuned` } };
  await using host = await MachineHost.start({ machineClasses: new Map([["tuned", tuned]]) });
  const classes = host.plane.client.resource({
    group: "node.k8s.io",
    version: "v1",
    resource: "runtimeclasses",
  });
  await classes.create(Object.assign({ metadata: { name: "tuned" } }, { handler: "tuned" }));
  const image = "pacific.local/demo:latest";
  const container = {
    name: "demo",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["cat", "/proc/cmdline"],
  };
  await host.createPod("own", {
    runtimeClassName: "tuned",
    restartPolicy: "Never",
    containers: [container],
  });
  const pod = await host.untilPod("own", "ends", ({ status }) => status?.phase === "Succeeded");
  await host.untilLog(pod, "test.class=tuned");
});

machineTest("a machine that dies is made anew", async () => {
  await using host = await MachineHost.start();
  await host.createPod("hello");
  await host.untilRunning("hello");
  process.kill(machineOf(host, "hello"), "SIGKILL");
  const pod = await host.untilPod(
    "hello",
    "restarted",
    ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1 && status.containerStatuses[0].ready,
  );
  expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated?.reason).toBe("ContainerStatusUnknown");
  expect(
    existsSync(host.streams.logFile(pod.status?.containerStatuses?.[0]?.containerID ?? "")?.path ?? ""),
  ).toBe(true);
});

const networkObstacle = obstacle ?? namespaceObstacle();

test.skipIf(networkObstacle !== undefined)(
  `a Pod has an address: box, Pods and the outside${networkObstacle ? ` (skipped: ${networkObstacle})` : ""}`,
  async () => {
    await using stack = new AsyncDisposableStack();
    const { box, outside, networkTools, spawn } = await boxWithOutside(stack);
    const host = stack.use(await MachineHost.start({ networkTools, spawn }));
    await host.createPod("web");
    const image = "pacific.local/demo:latest";
    const command = ["sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"];
    await host.createPod("client", {
      containers: [{ name: "client", image, imagePullPolicy: "IfNotPresent", command }],
    });
    const web = await host.untilRunning("web");
    const client = await host.untilRunning("client");
    expect(web.status?.podIP).toMatch(/^10\.42\.0\.\d+$/);
    expect(web.status?.podIPs).toEqual([{ ip: web.status?.podIP ?? "" }]);
    expect(client.status?.podIP).not.toBe(web.status?.podIP ?? "");

    const page = `http://${web.status?.podIP}:8080/`;
    const get = box.command("busybox", "wget", "-q", "-O", "-", page);
    await eventually("the page at the box", 30_000, async () =>
      (await output(get)).includes("Hello from web"),
    );
    expect(await host.exec("client", ["wget", "-q", "-O", "-", page])).toContain("Hello from web");

    stack.use(await serveAddress(outside));
    expect(await host.exec("client", ["nc", "192.0.2.2", "8080"])).toBe("192.0.2.1");

    await host.pods.delete("web");
    await host.pods.delete("client");
    await host.untilGone("web");
    await host.untilGone("client");
    expect(await box.ip("-o link show type tun")).toBe("");
  },
  limitMs,
);

async function output(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "ignore" });
  return await new Response(child.stdout).text();
}
