import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import type { ContainerConfig, RuntimeEvent } from "../../../agent/runtime/runtime.ts";
import type { ExecOptions } from "../../../agent/runtime/stream-session.ts";
import {
  busyboxDisk,
  containerConfig,
  missingForMachines,
  readLog,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";

// A time limit that ends a test also ends the processes that it started, machines among them: only for what hangs.
setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const all: Omit<ExecOptions, "command"> = { tty: false, stdin: false, stdout: true, stderr: true };
let runtime: CrxRuntime;
let events: RuntimeEvent[];
let disk: string;
let sandboxId: string;
let containers = 0;

beforeAll(async () => {
  if (missing) return;
  ({ runtime, events } = await realRuntime(folder.path));
  disk = busyboxDisk(folder.path);
  const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
  sandboxId = (await runtime.runPodSandbox(config, new AbortController().signal)).id;
});

afterAll(async () => {
  for (const { id } of runtime?.listPodSandboxes() ?? []) await runtime.removePodSandbox(id);
  await runtime?.close();
  folder.remove();
});

async function run(script: string, change: Partial<ContainerConfig> = {}): Promise<string> {
  containers += 1;
  const name = `c${containers}`;
  const id = await runtime.createContainer(
    sandboxId,
    containerConfig(disk, ["sh", "-c", script], {
      metadata: { name, attempt: 0 },
      logPath: `${name}/0.log`,
      ...change,
    }),
  );
  await runtime.startContainer(id);
  return id;
}

async function exited(id: string): Promise<ReturnType<CrxRuntime["containerStatus"]>> {
  await until(() => runtime.containerStatus(id)?.state === "exited", "the container's end");
  return runtime.containerStatus(id);
}

function logOf(id: string): string {
  return readLog(join(folder.path, "logs", runtime.containerStatus(id)?.logPath ?? ""));
}

async function text(stream: Readable | undefined): Promise<string> {
  let all = "";
  for await (const chunk of stream ?? []) all += String(chunk);
  return all;
}

async function execute(id: string, command: readonly string[], input?: string) {
  const session = await runtime.exec(id, { ...all, command, stdin: input !== undefined });
  session.stdin?.end(input);
  const [stdout, stderr, exit] = await Promise.all([
    text(session.stdout),
    text(session.stderr),
    session.exit,
  ]);
  return { stdout, stderr, ...exit };
}

/** What the runtime, which is in this process, holds of bytes on their way. */
function daemonBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().arrayBuffers;
}

/** What the guest's kernel and PID 1 hold, without the pages of files. */
async function guestBytes(id: string): Promise<number> {
  const { stdout } = await execute(id, ["cat", "/proc/meminfo"]);
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(stdout)?.[1]);
  return (kib("AnonPages") + kib("Slab")) << 10;
}

function folderBytes(path: string): number {
  // A rotation may take a file away between the two calls.
  const sizes = readdirSync(path).map((name) => statSync(join(path, name), { throwIfNoEntry: false })?.size);
  return sizes.reduce<number>((sum, size = 0) => sum + size, 0);
}

describe.skipIf(missing !== "")(`containers in a real machine${missing}`, () => {
  test("a container runs, logs both streams and ends with its exit code", async () => {
    expect(runtime.podSandboxStatus(sandboxId)).toMatchObject({ state: "ready" });
    expect(runtime.podSandboxStatus(sandboxId)?.kernelVersion).toMatch(/^\d+\.\d+/);
    const id = await run("hostname; echo err >&2; printf rest; exit 3");
    expect(await exited(id)).toMatchObject({ exitCode: 3, reason: "Error", state: "exited" });
    const entries = readFileSync(join(folder.path, "logs/c1/0.log"), "utf8").split("\n").filter(Boolean);
    expect(entries.map((entry) => entry.replace(/^\S+Z /, "")).sort()).toEqual([
      "stderr F err",
      "stdout F web",
      "stdout P rest",
    ]);
    const types = events
      .filter((event) => "containerId" in event && event.containerId === id)
      .map(({ type }) => type);
    expect(types).toEqual(["container-started", "container-exited"]);
  });

  test("a container that ends well is Completed, one whose process a signal ends has 128 and the signal", async () => {
    const [good, killed] = [await run("true"), await run("sh -c 'kill -TERM $$'; exit $?")];
    expect(await exited(good)).toMatchObject({ exitCode: 0, reason: "Completed" });
    expect((await exited(killed))?.exitCode).toBe(143);
  });

  test("what cannot be started says why", async () => {
    const config = containerConfig(disk, ["/nope"], {
      metadata: { name: "nope", attempt: 0 },
      logPath: "nope/0.log",
    });
    const id = await runtime.createContainer(sandboxId, config);
    expect(await runtime.createContainer(sandboxId, config)).toBe(id);
    await expect(runtime.startContainer(id)).rejects.toThrow(/no such file or directory/);
    await until(() => runtime.containerStatus(id)?.state === "exited", "the failed start");
    expect(runtime.containerStatus(id)).toMatchObject({ exitCode: 128, reason: "StartError" });
  });

  test("two containers with different images share the machine; the second disk is plugged in", async () => {
    const other = busyboxDisk(folder.path, "other");
    const first = await run("cat /etc/name");
    const second = await run("cat /etc/name", { imageDiskPath: other });
    await Promise.all([exited(first), exited(second)]);
    expect([logOf(first), logOf(second)]).toEqual(["busybox\n", "other\n"]);
  });

  test("more images than there are slots come and go", async () => {
    for (let image = 0; image < 32; image += 1) {
      const copy = join(folder.path, `image-${image}.squashfs`);
      copyFileSync(disk, copy);
      const id = await run("cat /etc/name", { imageDiskPath: copy });
      await exited(id);
      expect(logOf(id)).toBe("busybox\n");
      await runtime.removeContainer(id);
      expect(runtime.containerStatus(id)).toBeUndefined();
    }
  });

  test("exec brings streams and exit code, and standard input", async () => {
    const id = await run("sleep 1000");
    expect(await execute(id, ["sh", "-c", "echo out; echo err >&2; exit 4"])).toEqual({
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 4,
    });
    const input = "line\n".repeat(100_000);
    expect((await execute(id, ["md5sum"], input)).stdout).toBe(
      `${new Bun.CryptoHasher("md5").update(input).digest("hex")}  -\n`,
    );
    await expect(runtime.exec(id, { ...all, command: ["nope"] })).rejects.toThrow(
      '"nope": executable file not found',
    );
    await runtime.stopContainer(id, 0);
  });

  test("exec with a terminal knows its size, and closing it kills the process", async () => {
    const id = await run("sleep 1000");
    const session = await runtime.exec(id, {
      command: ["sh"],
      tty: true,
      stdin: true,
      stdout: true,
      stderr: false,
    });
    let output = "";
    session.stdout?.on("data", (bytes) => {
      output += String(bytes);
    });
    session.resize(123, 45);
    // It comes by another way than what is typed, so it may be there a little later.
    await until(() => {
      session.stdin?.write("stty size\n");
      return output.includes("45 123");
    }, "the terminal's size");
    session.close();
    expect(await session.exit).toMatchObject({ exitCode: 137, signal: 9 });
    await runtime.stopContainer(id, 0);
  });

  test("stop sends the stop signal, and SIGKILL when the time is over", async () => {
    const polite = await run("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done");
    const stubborn = await run("trap '' TERM; echo up; while :; do sleep 0.05; done");
    for (const id of [polite, stubborn]) await until(() => logOf(id) === "up\n", "the trap");
    await runtime.stopContainer(polite, 20_000);
    expect(runtime.containerStatus(polite)).toMatchObject({ state: "exited", exitCode: 7 });
    expect(logOf(polite)).toBe("up\nbye\n");
    await runtime.stopContainer(stubborn, 200);
    expect(runtime.containerStatus(stubborn)).toMatchObject({ state: "exited", exitCode: 137, signal: 9 });
    await runtime.stopContainer(stubborn, 200);
  });

  test("attach sees output from now on and writes to standard input; logs go on", async () => {
    const id = await run("echo before; while read line; do echo got $line; done; echo end", {
      stdin: true,
      stdinOnce: true,
    });
    await until(() => logOf(id) === "before\n", "the first line");
    const session = await runtime.attach(id, { ...all, stdin: true });
    const output = text(session.stdout);
    session.stdin?.write("one\n");
    session.stdin?.end("two\n");
    expect(await session.exit).toEqual({ exitCode: 0 });
    expect(await output).toBe("got one\ngot two\nend\n");
    expect(logOf(id)).toBe("before\ngot one\ngot two\nend\n");
  });

  test("who leaves a terminal ends nothing, and the next one goes on in it", async () => {
    const stdin = { stdin: true, stdinOnce: true, tty: true };
    const id = await run("while read line; do echo got $line; done", stdin);
    const first = await runtime.attach(id, { ...all, stdin: true, tty: true });
    const left = text(first.stdout);
    first.stdin?.write("one\n");
    await until(() => logOf(id).includes("got one"), "the first line");
    first.stdin?.end();
    expect(await first.exit).toEqual({ exitCode: 0 });
    expect(await left).toContain("got one");
    const second = await runtime.attach(id, { ...all, stdin: true, tty: true });
    second.stdout?.resume();
    second.stdin?.write("two\n");
    await until(() => logOf(id).includes("got two"), "the second line");
    second.close();
    await runtime.stopContainer(id, 0);
  });

  test("port-forward reaches a server in the machine and tells of a refused connection", async () => {
    const id = await run("while :; do nc -l -p 8080 -e cat; done");
    const connection = await until(
      () => runtime.portForward(sandboxId, 8080).catch(() => undefined),
      "a server",
    );
    const echoed = text(connection);
    connection.end("through and back");
    expect(await echoed).toBe("through and back");
    await expect(runtime.portForward(sandboxId, 1)).rejects.toThrow(/refused/);
    await runtime.stopContainer(id, 0);
  });

  test("a container beyond its memory is OOMKilled", async () => {
    const id = await run("dd if=/dev/zero of=/dev/null bs=60M count=1", {
      resources: { cpuMillis: 0, cpuWeight: 100, memoryBytes: 16 << 20 },
    });
    expect(await exited(id)).toMatchObject({ reason: "OOMKilled" });
  });

  test("stopped readers and a flood hold up no exec in a third container, and cost little memory", async () => {
    const [stopped, flood, third] = [
      await run("sleep 1000"),
      await run("while [ ! -e /tmp/go ]; do sleep 0.1; done; yes $(seq 20)"),
      await run("sleep 1000"),
    ];
    const before = { daemon: daemonBytes(), guest: await guestBytes(third) };
    const unread = [
      await runtime.exec(stopped, { ...all, command: ["yes"] }),
      await runtime.attach(flood, all),
    ];
    await execute(flood, ["touch", "/tmp/go"]);
    const log = join(folder.path, "logs", dirname(runtime.containerStatus(flood)?.logPath ?? ""));
    for (let round = 1; round <= 4; round += 1) {
      await until(() => folderBytes(log) > (round * 4) << 20, "the flood");
      expect((await execute(third, ["echo", "hi"])).stdout).toBe("hi\n");
    }
    expect(daemonBytes() - before.daemon).toBeLessThan(8 << 20);
    expect((await guestBytes(third)) - before.guest).toBeLessThan(16 << 20);
    for (const session of unread) session.close();
    await Promise.all([stopped, flood, third].map((id) => runtime.stopContainer(id, 0)));
  });

  test("removing the sandbox leaves its logs and nothing else", async () => {
    const id = await run("echo kept");
    await exited(id);
    const path = join(folder.path, "logs", runtime.containerStatus(id)?.logPath ?? "");
    await runtime.stopPodSandbox(sandboxId);
    expect(runtime.podSandboxStatus(sandboxId)).toMatchObject({ state: "not-ready" });
    await runtime.removePodSandbox(sandboxId);
    await runtime.removePodSandbox(sandboxId);
    expect(runtime.listContainers(sandboxId)).toEqual([]);
    expect(readdirSync(join(folder.path, "sandboxes"))).toEqual([]);
    expect(readLog(path)).toBe("kept\n");
  });
});
