/** An emulated machine gives back what the start of its container needed, and goes on. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { takesCodeTrimmer } from "../../../agent/runtime/crx/qemu/code-trim.ts";
import { findMachines } from "../../../agent/runtime/crx/qemu/find-machines.ts";
import { findQemu } from "../../../agent/runtime/crx/qemu/find-qemu.ts";
import { type Clock, systemClock } from "../../../supervisor/base/clock.ts";
import {
  builtImage,
  busyboxDisk,
  containerConfig,
  missingForMachines,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "./fixtures.ts";

// Only for what hangs.
setDefaultTimeout(600_000);

const missing = missingForMachines();
const folder = temporaryFolder();
const trimDelayMs = 20_000;
const mebibyte = 1 << 20;

afterAll(() => folder.remove());

/** What a process holds of code that it has made itself. */
function translatedBytes(pid: number): number {
  const mappings = readFileSync(`/proc/${pid}/smaps`, "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return mappings
    .filter((mapping) => /^\S+ rwx\S+ \S+ \S+ 0 *\n/.test(mapping))
    .reduce((sum, mapping) => sum + Number(/^Rss: +(\d+)/m.exec(mapping)?.[1]) * 1024, 0);
}

test.skipIf(missing !== "")(
  `translated code goes back to the host after a start, and the container goes on${missing}`,
  async () => {
    const waiting: Array<() => void> = [];
    // The moment comes when the test says so.
    const clock: Clock = {
      ...systemClock,
      after: (delayMs, callback) => {
        if (delayMs !== trimDelayMs) return systemClock.after(delayMs, callback);
        waiting.push(callback);
        return () => {};
      },
    };
    const { runtime } = await realRuntime(folder.path, { clock, accel: "tcg" });
    try {
      const disk = busyboxDisk(folder.path);
      const config = sandboxConfig(folder.path, { imageDiskPaths: [disk] });
      const { id } = await runtime.runPodSandbox(config, new AbortController().signal);
      const container = await runtime.createContainer(id, containerConfig(disk, ["sleep", "1000"]));
      await runtime.startContainer(container);
      const [machine] = findMachines(join(folder.path, "sandboxes"), () => true);
      if (!machine) throw new Error("The sandbox has no machine");
      const before = translatedBytes(machine.pid);
      expect(before).toBeGreaterThan(10 * mebibyte);
      expect(waiting).not.toBeEmpty();
      for (const trim of waiting) trim();
      await until(() => translatedBytes(machine.pid) < before / 2, "the code is given back", 300_000);
      const command = ["sh", "-c", "echo $((6 * 7))"];
      const options = { command, tty: false, stdin: false, stdout: true, stderr: false };
      const { stdout } = await runtime.exec(container, options);
      expect(stdout && (await text(stdout))).toBe("42\n");
      await runtime.removePodSandbox(id);
    } finally {
      await runtime.close();
    }
  },
);

test.skipIf(missing !== "")(`only what is a plugin of QEMU is taken${missing}`, async () => {
  const { path } = await findQemu();
  expect(await takesCodeTrimmer(path, builtImage.codeTrimmer)).toBe(true);
  expect(await takesCodeTrimmer(path, builtImage.jailer)).toBe(false);
});
