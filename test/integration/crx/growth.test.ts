/** Machines that grow while they run: by what their guests wish for, and by what their Pods' limits become. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { guestKernelOf } from "../../../agent/runtime/crx/guest-image.ts";
import type { PodSandboxConfig } from "../../../agent/runtime/runtime.ts";
import {
  builtImage,
  busyboxDisk,
  containerConfig,
  missingForMachines,
  readLog,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";

// Only for what hangs: it ends the processes that a test started, machines among them.
setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const signal = new AbortController().signal;
const mebibyte = 1 << 20;
const patienceMs = 90_000;
let runtime: CrxRuntime;
let disk = "";

beforeAll(async () => {
  if (missing) return;
  disk = busyboxDisk(folder.path);
  ({ runtime } = await realRuntime(folder.path));
});

afterAll(async () => {
  await runtime?.close();
  folder.remove();
});

async function start(script: string, change: Partial<PodSandboxConfig>) {
  const logDirectory = join(folder.path, "logs", crypto.randomUUID());
  const config = sandboxConfig(folder.path, { logDirectory, imageDiskPaths: [disk], ...change });
  const { id } = await runtime.runPodSandbox(config, signal);
  const container = await runtime.createContainer(id, containerConfig(disk, ["sh", "-c", script]));
  await runtime.startContainer(container);
  const log = join(logDirectory, "main/0.log");
  const says = (text: string): Promise<true> =>
    until(() => readLog(log).includes(text) || undefined, `${text} in ${log}`, patienceMs);
  return { id, container, says };
}

async function output(container: string, ...command: readonly string[]): Promise<string> {
  const options = { command, tty: false, stdin: false, stdout: true, stderr: true };
  const session = await runtime.exec(container, options);
  return session.stdout ? await textOf(session.stdout) : "";
}

async function totalBytes(sandboxId: string): Promise<number> {
  return (await runtime.podSandboxStats(sandboxId)).machine.memoryBytes;
}

/** One process that comes to hold so much memory, counts it, and ends when there is a file `/tmp/end`. */
function hold(megabytes: number): string {
  const fill = `s = sprintf("%1000000s", ""); for (i = 0; i < ${megabytes}; i++) a[i] = s i`;
  const wait = 'fflush(); while (system("test -e /tmp/end")) system("sleep 0.2")';
  return `awk 'BEGIN { ${fill}; print "held", length(a); ${wait} }'`;
}

describe.skipIf(missing !== "")(`growth of machines${missing}`, () => {
  test("a guest whose containers need more gets more, up to its most, and gives back what it does not use", async () => {
    const { id, container, says } = await start(
      `until [ -e /tmp/go ]; do sleep 0.1; done; ${hold(400)}; sleep 1000`,
      { maxMemoryBytes: 1536 * mebibyte },
    );
    const before = await totalBytes(id);
    expect(before).toBeLessThan(320 * mebibyte);
    await output(container, "touch", "/tmp/go");
    await says("held 400");
    expect(await totalBytes(id)).toBeGreaterThan(400 * mebibyte);
    await output(container, "touch", "/tmp/end");
    await until(async () => (await totalBytes(id)) < 400 * mebibyte || undefined, "memory back", patienceMs);
    await runtime.removePodSandbox(id);
  });

  test("a machine gets what its Pod's limits become, also from the next daemon, and gives that back", async () => {
    const { id, container } = await start("sleep 1000", {});
    const size = { cpuCount: 2, cpuWeight: 50, memoryBytes: 704 * mebibyte, annotations: { size: "large" } };
    const resources = { cpuMillis: 500, cpuWeight: 50, memoryBytes: 600 * mebibyte };
    await runtime.updatePodSandbox(id, { ...size, resources });
    expect(await totalBytes(id)).toBeGreaterThan(640 * mebibyte);
    expect((await runtime.podSandboxStats(id)).pods?.memory.limitBytes).toBe(600 * mebibyte);
    const processors = Math.min(2, availableParallelism());
    await until(
      async () => (await output(container, "nproc")).trim() === String(processors) || undefined,
      "processors",
      patienceMs,
    );
    await runtime.close();
    ({ runtime } = await realRuntime(folder.path));
    expect(runtime.podSandboxStatus(id)?.annotations.size).toBe("large");
    await runtime.updatePodSandbox(id, { ...size, memoryBytes: 320 * mebibyte });
    expect(await totalBytes(id)).toBeLessThan(400 * mebibyte);
    expect((await runtime.podSandboxStats(id)).pods?.memory.limitBytes).toBeUndefined();
    await runtime.removePodSandbox(id);
  });

  test("a machine that boots, as one with a guest of its own, grows as a clone does", async () => {
    const kernel = await guestKernelOf(builtImage.manifest);
    const { id, container, says } = await start(
      `until [ -e /tmp/go ]; do sleep 0.1; done; ${hold(400)}; sleep 1000`,
      { kernel, maxMemoryBytes: 1536 * mebibyte },
    );
    expect(await totalBytes(id)).toBeLessThan(320 * mebibyte);
    await output(container, "touch", "/tmp/go");
    await says("held 400");
    expect(await totalBytes(id)).toBeGreaterThan(400 * mebibyte);
    const size = { cpuCount: 2, cpuWeight: 50, memoryBytes: 1024 * mebibyte, annotations: {} };
    await runtime.updatePodSandbox(id, size);
    expect(await totalBytes(id)).toBeGreaterThan(960 * mebibyte);
    const processors = Math.min(2, availableParallelism());
    await until(
      async () => (await output(container, "nproc")).trim() === String(processors) || undefined,
      "processors",
      patienceMs,
    );
    await runtime.removePodSandbox(id);
  });
});
