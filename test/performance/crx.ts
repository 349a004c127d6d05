/**
 * The machine's marks: `bun test/performance/crx.ts`. Boots in turns a bare QEMU with the guest's kernel and PID 1 (the
 * floor) and a sandbox with one container up to its first line in the log, and prints the middle figures; then the
 * round trip of an exec and what an idle machine takes. Wants `dist/guest`, QEMU, mksquashfs and a busy-free box.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CrxRuntime } from "../../agent/runtime/crx/crx-runtime.ts";
import { findMachines } from "../../agent/runtime/crx/qemu/find-machines.ts";
import { sleep } from "../../supervisor/base/signals.ts";
import {
  builtImage,
  busyboxDisk,
  containerConfig,
  missingForMachines,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "../integration/crx/fixtures.ts";
import { median } from "./load/distribution.ts";
import { type Boot, bootBare, cpuMs } from "./machine-floor.ts";

const rounds = 7;
const execs = 50;
const restMs = 5000;
const signal = new AbortController().signal;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

async function bootSandbox(runtime: CrxRuntime, folder: string, disk: string): Promise<Boot> {
  const start = performance.now();
  const config = sandboxConfig(folder, { imageDiskPaths: [disk] });
  const { id } = await runtime.runPodSandbox(config, signal);
  const readyMs = performance.now() - start;
  const usedMs = cpuMs(machinePid(folder));
  const logPath = `${id}.log`;
  const container = await runtime.createContainer(id, containerConfig(disk, ["echo", "hi"], { logPath }));
  await runtime.startContainer(container);
  await until(() => readFileSync(join(config.logDirectory, logPath)).length > 0, "the first line");
  const boot = { readyMs, cpuMs: usedMs, firstLineMs: performance.now() - start };
  await runtime.removePodSandbox(id);
  return boot;
}

function machinePid(folder: string): number {
  const [found] = findMachines(folder, () => true);
  if (!found) throw new Error("There is no machine");
  return found.pid;
}

async function measureExec(runtime: CrxRuntime, container: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < execs; round += 1) {
    const start = performance.now();
    const options = { command: ["true"], tty: false, stdin: false, stdout: true, stderr: true };
    const session = await runtime.exec(container, options);
    session.stdout?.resume();
    session.stderr?.resume();
    await session.exit;
    times.push(performance.now() - start);
  }
  return median(times);
}

async function measureRest(runtime: CrxRuntime, folder: string, disk: string): Promise<void> {
  const { id } = await runtime.runPodSandbox(sandboxConfig(folder, { imageDiskPaths: [disk] }), signal);
  const container = await runtime.createContainer(id, containerConfig(disk, ["sleep", "1000"]));
  await runtime.startContainer(container);
  const pid = machinePid(folder);
  await sleep(restMs);
  const before = cpuMs(pid);
  await sleep(restMs);
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(memory)?.[1]);
  print(
    `idle machine: PSS ${(kib("Pss") / 1024).toFixed(0)} MiB, of it anonymous ${(kib("Pss_Anon") / 1024).toFixed(0)}`,
  );
  print(`idle machine: ${(((cpuMs(pid) - before) / restMs) * 100).toFixed(2)} % of a core`);
  print(`exec round trip: ${(await measureExec(runtime, container)).toFixed(1)} ms`);
  await runtime.removePodSandbox(id);
}

function report(name: string, boots: readonly Boot[], pick: (boot: Boot) => number): number {
  const middle = median(boots.map(pick));
  print(`${name.padEnd(40)} ${middle.toFixed(0).padStart(6)} ms`);
  return middle;
}

const missing = missingForMachines();
if (missing) throw new Error(`Cannot measure${missing}`);
const folder = temporaryFolder();
const { runtime } = await realRuntime(folder.path);
const disk = busyboxDisk(folder.path);
const { kernelArguments } = await Bun.file(builtImage.manifest).json();
const bare: Boot[] = [];
const sandboxes: Boot[] = [];
for (let round = 0; round < rounds; round += 1) {
  bare.push(await bootBare(kernelArguments));
  sandboxes.push(await bootSandbox(runtime, folder.path, disk));
}
const floor = report("bare QEMU to PID 1's answer", bare, (boot) => boot.readyMs);
const ready = report("sandbox ready", sandboxes, (boot) => boot.readyMs);
const line = report("sandbox to the first line in the log", sandboxes, (boot) => boot.firstLineMs ?? 0);
report("CPU of the bare QEMU", bare, (boot) => boot.cpuMs);
report("CPU of the sandbox's QEMU", sandboxes, (boot) => boot.cpuMs);
print(
  `ready ${(ready / floor).toFixed(2)}, first line ${(line / floor).toFixed(2)} times the floor (mark 1.6)`,
);
await measureRest(runtime, folder.path, disk);
await runtime.close();
folder.remove();
