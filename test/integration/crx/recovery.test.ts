import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { qmpSocketName } from "../../../agent/runtime/crx/qemu/command-line.ts";
import { connectUnix } from "../../../agent/runtime/crx/qemu/connect-unix.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
import { QmpClient } from "../../../agent/runtime/crx/qemu/qmp-client.ts";
import type { ContainerConfig, RuntimeEvent } from "../../../agent/runtime/runtime.ts";
import type { ExecOptions } from "../../../agent/runtime/stream-session.ts";
import { killProcess, type ProcessIdentity } from "../../../supervisor/base/process-identity.ts";
import { podOf, processesOf, sandboxOf } from "../../framework/host-processes.ts";
import {
  busyboxDisk,
  containerConfig,
  missingForMachines,
  readLog,
  realRuntime,
  recoveringRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";

// A time limit that ends a test also ends the processes that it started, machines among them: only for what hangs.
setDefaultTimeout(600_000);

const missing = missingForMachines();
const images = temporaryFolder();
const signal = new AbortController().signal;
const cleanups: Array<() => unknown> = [];
let disk: string;

beforeAll(() => {
  if (!missing) disk = busyboxDisk(images.path);
});

afterAll(() => images.remove());

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Longer than the path of a unix socket may be. */
function newFolder(): string {
  const folder = temporaryFolder();
  cleanups.push(async () => {
    // A test that failed between two daemons leaves a machine that nobody holds.
    for (const left of machines(folder.path)) await killProcess(left);
    folder.remove();
  });
  const path = join(folder.path, "a-long-name-".repeat(10));
  mkdirSync(path);
  return path;
}

async function start(folder: string): Promise<{ runtime: CrxRuntime; events: RuntimeEvent[] }> {
  const set = await realRuntime(folder);
  cleanups.push(() => closeAll(set.runtime));
  return set;
}

async function closeAll(runtime: CrxRuntime): Promise<void> {
  for (const { id } of runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
  await runtime.close();
}

/** Starts the daemon in a process of its own and waits until it is ready. */
async function startDaemon(folder: string, script: string): Promise<{ kill(): Promise<void> }> {
  const args = [process.execPath, new URL("./daemon.ts", import.meta.url).pathname, folder, disk, script];
  const daemon = Bun.spawn(args, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  const kill = async (): Promise<void> => {
    daemon.kill("SIGKILL");
    await daemon.exited;
  };
  cleanups.push(kill);
  for await (const chunk of daemon.stdout) if (Buffer.from(chunk).includes("ready")) return { kill };
  throw new Error(`The daemon ended with exit code ${await daemon.exited} before it was ready`);
}

function machines(folder: string): ProcessIdentity[] {
  return findMachines(folder, () => true);
}

/** The machines of sandboxes; those of templates come and go by themselves. */
function sandboxMachines(folder: string): number[] {
  return processesOf(folder)
    .filter((process) => podOf(folder, sandboxOf(process) ?? "") !== undefined)
    .map(({ pid }) => pid);
}

function qemus(folder: string): number[] {
  return machines(folder).map(({ pid }) => pid);
}

/** Where two long texts part, and how each goes on from a little before; undefined where they are equal. */
function firstDifference(text: string, expected: string): object | undefined {
  if (text === expected) return undefined;
  let at = 0;
  while (text[at] === expected[at]) at++;
  const around = (whole: string): string => whole.slice(Math.max(0, at - 40), at + 80);
  return { at, of: [text.length, expected.length], text: around(text), expected: around(expected) };
}

/** Asks a QEMU that no daemon holds. */
async function hasPanicked(directory: string): Promise<boolean> {
  const client = await QmpClient.open(await connectUnix(directory, qmpSocketName));
  const status = await client.execute("query-status");
  client.close();
  return JSON.stringify(status).includes("guest-panicked");
}

function onlyContainer(runtime: CrxRuntime) {
  const [status] = runtime.listContainers();
  if (!status) throw new Error("There is no container");
  return status;
}

function execOptions(...command: string[]): ExecOptions {
  return { command, tty: false, stdin: false, stdout: true, stderr: true };
}

/**
 * Makes the guest's kernel panic, some seconds after there is a file `/tmp/go`: the container goes beyond its memory, and
 * that is to be fatal.
 */
const panicScript =
  "echo 2 >/proc/sys/vm/panic_on_oom; until [ -e /tmp/go ]; do sleep 0.1; done; sleep 3; dd if=/dev/zero of=/dev/null bs=60M count=1";
const panicConfig = {
  resources: { cpuMillis: 0, cpuWeight: 100, memoryBytes: 16 << 20 },
  security: { ...containerConfig("", []).security, privileged: true },
};

async function runContainer(
  runtime: CrxRuntime,
  folder: string,
  script: string,
  change: Partial<ContainerConfig> = {},
  uid = sandboxConfig(folder).metadata.uid,
): Promise<string> {
  const metadata = { ...sandboxConfig(folder).metadata, uid };
  const config = sandboxConfig(folder, { imageDiskPaths: [disk], metadata });
  const sandbox = await runtime.runPodSandbox(config, signal);
  const id = await runtime.createContainer(sandbox.id, containerConfig(disk, ["sh", "-c", script], change));
  await runtime.startContainer(id);
  return id;
}

describe.skipIf(missing !== "")(`machines that outlive their daemon${missing}`, () => {
  test("a daemon killed again and again loses and doubles no byte of a log, and no exit code", async () => {
    const folder = newFolder();
    const lines = 700_000;
    const script = `seq ${lines}; until [ -e /tmp/end ]; do sleep 0.1; done; exit 5`;
    for (let round = 0; round < 5; round += 1) {
      const daemon = await startDaemon(folder, script);
      const log = join(folder, "logs/main/0.log");
      const size = (): number =>
        readdirSync(join(folder, "logs/main")).length * 1e9 + readFileSync(log).length;
      const before = size();
      await until(() => size() !== before || round > 0, "log output");
      await daemon.kill();
      expect(sandboxMachines(folder)).toHaveLength(1);
    }
    const { runtime } = await start(folder);
    const session = await runtime.exec(onlyContainer(runtime).id, execOptions("touch", "/tmp/end"));
    expect((await session.exit).exitCode).toBe(0);
    await until(() => onlyContainer(runtime).state === "exited", "the container's end", 60_000);
    expect(onlyContainer(runtime)).toMatchObject({ exitCode: 5, reason: "Error" });
    // Nothing is left of the templates that the killed daemons were making.
    await runtime.templateSettled();
    expect(qemus(folder)).toEqual(sandboxMachines(folder));
    expect(readdirSync(join(folder, "sandboxes"))).toEqual(runtime.listPodSandboxes().map(({ id }) => id));
    const expected = Array.from({ length: lines }, (_, line) => `${line + 1}\n`).join("");
    // On a busy machine the exit may be recorded before the last of the log.
    const log = (): string => readLog(join(folder, "logs/main/0.log"));
    await until(() => log().length >= expected.length, "all of the log");
    expect(firstDifference(log(), expected)).toBeUndefined();
  });

  test("an exit that nobody saw is found", async () => {
    const folder = newFolder();
    const daemon = await startDaemon(folder, "sleep 5; echo unseen; exit 9");
    await daemon.kill();
    const { runtime, events } = await start(folder);
    await until(() => onlyContainer(runtime).state === "exited", "the container's end");
    expect(onlyContainer(runtime).exitCode).toBe(9);
    expect(events.filter(({ type }) => type === "container-exited")).toHaveLength(1);
    // On a busy machine the exit may be recorded before the last of the log.
    await until(() => readLog(join(folder, "logs/main/0.log")) === "unseen\n", "all of the log");
  });

  test("after a restart exec, attach and stop work as before", async () => {
    const folder = newFolder();
    const daemon = await startDaemon(folder, "while read line; do :; done; sleep 1000");
    await daemon.kill();
    const { runtime } = await start(folder);
    const { id } = onlyContainer(runtime);
    const session = await runtime.exec(id, execOptions("echo", "still here"));
    let output = "";
    for await (const chunk of session.stdout ?? []) output += String(chunk);
    expect(output).toBe("still here\n");
    expect((await session.exit).exitCode).toBe(0);
    await runtime.stopContainer(id, 0);
    expect(onlyContainer(runtime)).toMatchObject({ state: "exited", exitCode: 137 });
  });

  test("a container that was being started when its daemon ended is found to run", async () => {
    const folder = newFolder();
    const { runtime: first } = await realRuntime(folder);
    const sandbox = await first.runPodSandbox(sandboxConfig(folder), signal);
    const id = await first.createContainer(sandbox.id, containerConfig(disk, ["sleep", "1000"]));
    const [machine = 0] = sandboxMachines(folder);
    process.kill(machine, "SIGSTOP");
    const started = first.startContainer(id);
    started.catch(() => {});
    await first.close();
    await expect(started).rejects.toThrow();
    // The guest has the request to start it and those of the next daemon at the same time.
    const { runtime } = await recoveringRuntime(folder);
    cleanups.push(() => closeAll(runtime));
    process.kill(machine, "SIGCONT");
    await runtime.takenOver();
    expect(onlyContainer(runtime)).toMatchObject({ id, state: "running" });
  });

  test("a machine that does not answer holds up neither the start nor others, and is itself when it answers", async () => {
    const folder = newFolder();
    const daemon = await startDaemon(folder, "sleep 1000");
    await daemon.kill();
    const [hung = 0] = sandboxMachines(folder);
    process.kill(hung, "SIGSTOP");
    const { runtime, events } = await recoveringRuntime(folder);
    cleanups.push(() => closeAll(runtime));
    const { id, state } = onlyContainer(runtime);
    expect(state).toBe("running");
    expect(runtime.listPodSandboxes()[0]).toMatchObject({ state: "ready" });
    const command = { command: ["true"], tty: false, stdin: false, stdout: true, stderr: true };
    const waiting = runtime.exec(id, command);
    const other = await runContainer(runtime, folder, "sleep 1000", {}, "other");
    expect((await (await runtime.exec(other, command)).exit).exitCode).toBe(0);
    process.kill(hung, "SIGCONT");
    expect((await (await waiting).exit).exitCode).toBe(0);
    expect(events.filter(({ type }) => type !== "container-started")).toEqual([]);
  });

  test("a machine that goes on not answering is given up, and its container with it", async () => {
    const folder = newFolder();
    const daemon = await startDaemon(folder, "sleep 1000");
    await daemon.kill();
    const [hung = 0] = sandboxMachines(folder);
    process.kill(hung, "SIGSTOP");
    const { runtime } = await recoveringRuntime(folder, { bootTimeoutMs: 1000 });
    cleanups.push(() => runtime.close());
    await runtime.takenOver();
    expect(runtime.listPodSandboxes()[0]).toMatchObject({ state: "not-ready", reason: "BootTimeout" });
    expect(onlyContainer(runtime)).toMatchObject({ state: "exited", reason: "ContainerStatusUnknown" });
    expect(qemus(folder)).not.toContain(hung);
  });

  test("a QEMU that is killed is a container that died", async () => {
    const folder = newFolder();
    const { runtime, events } = await start(folder);
    const id = await runContainer(runtime, folder, "sleep 1000");
    for (const pid of qemus(folder)) process.kill(pid, "SIGKILL");
    await until(() => events.some(({ type }) => type === "sandbox-not-ready"), "the sandbox's end");
    expect(runtime.listPodSandboxes()[0]).toMatchObject({ state: "not-ready", reason: "QemuExited" });
    expect(runtime.containerStatus(id)).toMatchObject({
      state: "exited",
      exitCode: 137,
      reason: "ContainerStatusUnknown",
    });
    await expect(runtime.exec(id, execOptions("true"))).rejects.toThrow(/has no machine/);
  });

  test("a QEMU that died while no daemon ran is found dead, and its container with it", async () => {
    const folder = newFolder();
    const daemon = await startDaemon(folder, "sleep 1000");
    await daemon.kill();
    for (const pid of qemus(folder)) process.kill(pid, "SIGKILL");
    await until(() => qemus(folder).length === 0, "QEMU's end");
    const { runtime } = await start(folder);
    expect(runtime.listPodSandboxes()[0]).toMatchObject({ state: "not-ready", reason: "QemuExited" });
    expect(onlyContainer(runtime)).toMatchObject({ state: "exited", reason: "ContainerStatusUnknown" });
  });

  test("a guest kernel that panics is told with its last words", async () => {
    const folder = newFolder();
    const { runtime, events } = await start(folder);
    const id = await runContainer(runtime, folder, panicScript, panicConfig);
    await (await runtime.exec(id, execOptions("touch", "/tmp/go"))).exit;
    await until(() => events.some(({ type }) => type === "sandbox-not-ready"), "the sandbox's end");
    const [status] = runtime.listPodSandboxes();
    expect(status).toMatchObject({ state: "not-ready", reason: "GuestPanic" });
    expect(status?.message).toContain("Kernel panic");
  });

  test("a panic while no daemon ran is found", async () => {
    const folder = newFolder();
    const { runtime } = await realRuntime(folder);
    const id = await runContainer(runtime, folder, panicScript, panicConfig);
    await (await runtime.exec(id, execOptions("touch", "/tmp/go"))).exit;
    await runtime.close();
    const [sandbox = ""] = readdirSync(join(folder, "sandboxes"));
    await until(() => hasPanicked(join(folder, "sandboxes", sandbox)), "the panic");
    const next = await start(folder);
    expect(next.runtime.listPodSandboxes()[0]).toMatchObject({ state: "not-ready", reason: "GuestPanic" });
  });

  test("leftovers of half-made sandboxes are removed, QEMU and all", async () => {
    const folder = newFolder();
    const { runtime } = await realRuntime(folder);
    await runContainer(runtime, folder, "sleep 1000");
    await runtime.close();
    const [name = ""] = readdirSync(join(folder, "sandboxes"));
    const record = join(folder, "sandboxes", name, "sandbox.json");
    writeFileSync(record, readFileSync(record, "utf8").replace('"ready"', '"creating"'));
    mkdirSync(join(folder, "sandboxes", "torn"));
    expect(qemus(folder)).toHaveLength(1);
    const next = await start(folder);
    expect(next.runtime.listPodSandboxes()).toEqual([]);
    expect(qemus(folder)).toEqual([]);
    expect(readdirSync(join(folder, "sandboxes"))).toEqual([]);
  });

  test("a hundred operations leave no process, descriptor or folder behind", async () => {
    const folder = newFolder();
    const { runtime } = await start(folder);
    const fds = (): number => readdirSync("/proc/self/fd").length;
    const before = fds();
    for (let round = 0; round < 2; round += 1) {
      const id = await runContainer(runtime, folder, "sleep 1000");
      for (let time = 0; time < 20; time += 1) {
        const session = await runtime.exec(id, { ...execOptions("cat"), stdin: true });
        session.stdin?.end("x");
        session.stdout?.resume();
        session.stderr?.resume();
        expect((await session.exit).exitCode).toBe(0);
      }
      for (const sandbox of runtime.listPodSandboxes()) await runtime.removePodSandbox(sandbox.id);
    }
    expect(readdirSync(join(folder, "sandboxes"))).toEqual([]);
    expect(qemus(folder)).toEqual([]);
    await until(() => fds() <= before, "descriptors to close");
  });
});
