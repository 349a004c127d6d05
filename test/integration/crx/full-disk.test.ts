import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
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

setDefaultTimeout(600_000);

const missing =
  missingForMachines() || (process.getuid?.() === 0 ? "" : " (skipped: a small disk needs root to mount)");

function mount(...args: string[]): void {
  const run = Bun.spawnSync(["mount", ...args]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
}

test.skipIf(missing !== "")(
  `a container waits while its log's disk is full, and loses nothing${missing}`,
  async () => {
    const folder = temporaryFolder();
    const logs = join(folder.path, "logs");
    mkdirSync(logs);
    mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", logs);
    const { runtime } = await realRuntime(folder.path);
    try {
      const disk = busyboxDisk(folder.path);
      const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
      const { id } = await runtime.runPodSandbox(config, new AbortController().signal);
      const container = await runtime.createContainer(id, containerConfig(disk, ["seq", "50000"]));
      await runtime.startContainer(container);
      await until(() => statfsSync(logs).bfree === 0, "the disk to be full");
      expect(runtime.containerStatus(container)?.state).toBe("running");
      mount("-o", "remount,size=16m", logs);
      await until(() => runtime.containerStatus(container)?.state === "exited", "the container's end");
      const expected = Array.from({ length: 50_000 }, (_, line) => `${line + 1}\n`).join("");
      expect(readLog(join(logs, "main/0.log")) === expected).toBe(true);
    } finally {
      for (const { id } of runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
      await runtime.close();
      Bun.spawnSync(["umount", logs]);
      folder.remove();
    }
  },
);
