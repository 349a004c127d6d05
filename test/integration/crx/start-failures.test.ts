import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CrxRuntime } from "../../../agent/runtime/crx/crx-runtime.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
import { type SpawnProcess, spawnDetached } from "../../../agent/runtime/crx/qemu/spawn-qemu.ts";
import { RuntimeError } from "../../../agent/runtime/runtime.ts";
import {
  busyboxDisk,
  containerConfig,
  fakeImage,
  fakeRuntime,
  missingForMachines,
  quiet,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
} from "./fixtures.ts";

setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const signal = new AbortController().signal;

afterAll(() => folder.remove());

/** Whatever failed, nothing of it is left. */
afterEach(() => {
  expect(findMachines(folder.path, () => true)).toEqual([]);
  const data = readdirSync(folder.path).includes("sandboxes");
  if (data) expect(readdirSync(join(folder.path, "sandboxes"))).toEqual([]);
});

async function failureOf(promise: Promise<unknown>): Promise<RuntimeError> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof RuntimeError) return error;
  throw new Error(`Expected a RuntimeError, got ${String(error)}`);
}

test("without QEMU the runtime says what to install", async () => {
  const runtime = new CrxRuntime({
    dataDir: folder.path,
    guestImage: fakeImage,
    accel: "auto",
    logger: quiet,
    searchPath: "/nowhere",
  });
  const error = await failureOf(runtime.recover(signal));
  expect(error.kind).toBe("create-failed");
  expect(error.message).toContain("no qemu-system-x86_64 in /nowhere; install it");
});

describe.skipIf(missing !== "")(`machines that do not start${missing}`, () => {
  test("a guest that never answers is a timeout", async () => {
    const { runtime } = await fakeRuntime(folder.path, () => "silent", { bootTimeoutMs: 500 });
    const error = await failureOf(runtime.runPodSandbox(sandboxConfig(folder.path), signal));
    expect(error.kind).toBe("timeout");
    expect(error.message).toMatch(/^The guest of sandbox [0-9a-f]+ did not answer within \d+ ms$/);
    await runtime.close();
  });

  test("a start that is called off", async () => {
    const { runtime } = await fakeRuntime(folder.path, () => "silent");
    const controller = new AbortController();
    const starting = failureOf(runtime.runPodSandbox(sandboxConfig(folder.path), controller.signal));
    setTimeout(() => controller.abort(), 100);
    expect((await starting).kind).toBe("create-failed");
    await runtime.close();
  });

  test("a machine whose record cannot be written is ended while it boots", async () => {
    const spawn: SpawnProcess = async (request) => {
      const record = join(request.directory, "sandbox.json");
      rmSync(record);
      mkdirSync(join(record, "in the way"), { recursive: true });
      return await spawnDetached(request);
    };
    const { runtime } = await realRuntime(folder.path, { spawn });
    const error = await failureOf(runtime.runPodSandbox(sandboxConfig(folder.path), signal));
    expect(error.kind).toBe("create-failed");
    expect(error.message).toMatch(/sandbox\.json/);
    await runtime.close();
  });

  test("what QEMU refuses is told in its words", async () => {
    const { runtime } = await realRuntime(folder.path, { cloning: undefined });
    const config = sandboxConfig(folder.path, { imageDiskPaths: ["/no/such/disk"] });
    const error = await failureOf(runtime.runPodSandbox(config, signal));
    expect(error.kind).toBe("create-failed");
    expect(error.message).toMatch(
      /^QEMU ended: jailer: cannot open \/no\/such\/disk: No such file or directory/,
    );
    await runtime.close();
  });

  test("a container whose image's disk is missing or no disk fails alone", async () => {
    const { runtime } = await realRuntime(folder.path, { accel: "auto" });
    expect(runtime.accelerator().message).not.toBe("");
    const { id } = await runtime.runPodSandbox(sandboxConfig(folder.path), signal);
    for (const [path, text] of [
      ["/no/such/disk", "Image disk /no/such/disk cannot be read"],
      [process.execPath, "is neither squashfs nor erofs"],
    ] as const) {
      const error = await failureOf(runtime.createContainer(id, containerConfig(path, ["true"])));
      expect(error.kind).toBe("create-failed");
      expect(error.message).toContain(text);
    }
    const disk = busyboxDisk(folder.path);
    const outside = await failureOf(
      runtime.createContainer(id, containerConfig(disk, ["true"], { logPath: "../../x" })),
    );
    expect(outside.message).toBe("Log path ../../x leaves the sandbox's log directory");
    await runtime.startContainer(await runtime.createContainer(id, containerConfig(disk, ["true"])));
    expect(runtime.listContainers(id)).toHaveLength(1);
    await runtime.removePodSandbox(id);
    await runtime.close();
  });
});
