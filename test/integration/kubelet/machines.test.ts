import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../framework/eventually.ts";
import { machineObstacle } from "../../framework/machine-obstacle.ts";
import { MachineHost } from "./machine-host.ts";

const obstacle = machineObstacle();
const limitMs = 120_000;

function machineTest(name: string, body: () => Promise<void>): void {
  const title = obstacle ? `${name} (skipped: ${obstacle})` : name;
  test.skipIf(obstacle !== undefined)(title, body, limitMs);
}

machineTest("a Pod runs in a machine of its own and leaves nothing when it is deleted", async () => {
  await using host = await MachineHost.start();
  await host.createPod("hello");
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
  const image = "pacific.local/demo:latest";
  const sleep = ["sh", "-c", "trap 'exit 3' TERM; echo up; sleep 3; exit 42"];
  await host.createPod("stays");
  const job = { name: "job", image, imagePullPolicy: "IfNotPresent", command: sleep };
  await host.createPod("ends", { restartPolicy: "Never", containers: [job] });
  const before = await host.untilRunning("stays");
  await host.untilRunning("ends");
  await host.stopDaemon();
  const overMs = Date.now() + 4000;
  await eventually(
    "the guest's own time has passed while no daemon looks",
    10_000,
    () => Date.now() > overMs,
  );
  const restartedMs = Date.now();
  await host.startDaemon();
  const ended = await host.untilPod("ends", "Failed", ({ status }) => status?.phase === "Failed");
  const { exitCode, finishedAt = "" } = ended.status?.containerStatuses?.[0]?.state?.terminated ?? {};
  expect(exitCode).toBe(42);
  expect(Date.parse(finishedAt)).toBeLessThan(restartedMs);
  const after = await host.pods.get("stays");
  expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses ?? []);
});

machineTest("a machine that dies is made anew", async () => {
  await using host = await MachineHost.start();
  await host.createPod("hello");
  await host.untilRunning("hello");
  const [sandbox] = host.runtime.listPodSandboxes();
  process.kill(
    Number(readFileSync(join(host.dataDir, "sandboxes", sandbox?.id ?? "", "qemu.pid"), "utf8")),
    "SIGKILL",
  );
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
