/** Clones that grow to many times their template's memory. */
import { afterAll, describe, expect, test } from "bun:test";
import { freemem } from "node:os";
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

const missing = missingForMachines();
const folder = temporaryFolder();
const signal = new AbortController().signal;
const gibibyte = 2 ** 30;

afterAll(() => folder.remove());

describe.skipIf(missing !== "")(`large clones${missing}`, () => {
  for (const [total, used] of [
    [8, 3],
    [16, 5],
  ] as const) {
    const isTooMuch = freemem() < (used + 2) * gibibyte;
    test.skipIf(isTooMuch)(
      `one of ${total} GiB gives a process ${used} GiB`,
      async () => {
        const disk = busyboxDisk(folder.path);
        const { runtime } = await realRuntime(folder.path);
        const config = sandboxConfig(folder.path, { memoryBytes: total * gibibyte, imageDiskPaths: [disk] });
        const { id } = await runtime.runPodSandbox(config, signal);
        expect(runtime.startMode().kind).toBe("clone");
        const script = `grep MemTotal /proc/meminfo; dd if=/dev/zero bs=1M count=${used * 1024} of=/all 2>&1; du -m /all; echo done`;
        const logPath = `${total}.log`;
        const process = containerConfig(disk, ["sh", "-c", script], { logPath });
        const container = await runtime.createContainer(id, process);
        await runtime.startContainer(container);
        const log = join(config.logDirectory, logPath);
        const text = await until(
          () => (/done/.test(readLog(log)) ? readLog(log) : undefined),
          "the end",
          100_000,
        );
        expect(Number(/MemTotal:\s+(\d+) kB/.exec(text)?.[1]) / 2 ** 20).toBeGreaterThan(0.98 * total);
        expect(text).toContain(`${used * 1024}\t/all`);
        await runtime.removePodSandbox(id);
        await runtime.close();
      },
      120_000,
    );
  }
});
