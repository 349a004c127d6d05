/**
 * The marks of cloned machines: `bun test/performance/clone.ts [ROUNDS] [FLEET]`. In turns a bare QEMU that boots (the
 * floor), a cloned sandbox up to its container's first line, the same with 4 GiB and all processors, and one that boots;
 * then a fleet of clones, four at a time, with the memory that each takes of the host. Wants `dist/guest`, QEMU, mksquashfs and a
 * box with nothing else to do.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { CrxRuntime } from "../../agent/runtime/crx/crx-runtime.ts";
import { findMachines } from "../../agent/runtime/crx/qemu/find-machines.ts";
import type { PodSandboxConfig } from "../../agent/runtime/runtime.ts";
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
import { quantile } from "./load/distribution.ts";
import { bootBare } from "./machine-floor.ts";

const signal = new AbortController().signal;
const [rounds, fleet] = [Number(process.argv[2] ?? 15), Number(process.argv[3] ?? 50)];
const atOnce = 4;
const gibibyte = 2 ** 30;
const small = { memoryBytes: 320 << 20 };
const large = { memoryBytes: 4 * gibibyte, cpuCount: Math.min(4, availableParallelism()) };
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

interface Started {
  readonly id: string;
  readonly firstLineMs: number;
}

async function start(
  runtime: CrxRuntime,
  folder: string,
  disk: string,
  size: Partial<PodSandboxConfig>,
): Promise<Started> {
  const begunAt = performance.now();
  const config = sandboxConfig(folder, { imageDiskPaths: [disk], ...size });
  const { id } = await runtime.runPodSandbox(config, signal);
  const logPath = `${id}.log`;
  const script = ["sh", "-c", "echo hi; exec sleep 1000"];
  await runtime.startContainer(await runtime.createContainer(id, containerConfig(disk, script, { logPath })));
  await until(() => readFileSync(join(config.logDirectory, logPath)).length > 0, "the first line");
  return { id, firstLineMs: performance.now() - begunAt };
}

async function measure(runtime: CrxRuntime, size: Partial<PodSandboxConfig>): Promise<number> {
  const { id, firstLineMs } = await start(runtime, folder.path, disk, size);
  await runtime.removePodSandbox(id);
  return firstLineMs;
}

function report(name: string, values: readonly number[]): void {
  const figures = [0.5, 0.95].map((part) => quantile(values, part).toFixed(0).padStart(6));
  print(`${name.padEnd(48)} p50 ${figures[0]} ms, p95 ${figures[1]} ms`);
}

/** The part of a process's memory that is its own, and its share of the rest, in MiB. */
function pssMiB(pid: number): number {
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/m.exec(memory)?.[1]) / 1024;
}

async function measureFleet(runtime: CrxRuntime): Promise<void> {
  const begunAt = performance.now();
  let left = fleet;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await start(runtime, folder.path, disk, small);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const tookMs = performance.now() - begunAt;
  const machines = findMachines(join(folder.path, "sandboxes"), () => true);
  const total = machines.reduce((sum, { pid }) => sum + pssMiB(pid), 0);
  const each = total / machines.length;
  print(`${machines.length} clones, ${atOnce} at a time: ${(tookMs / 1000).toFixed(1)} s`);
  print(`memory of each (PSS): ${each.toFixed(1)} MiB, mark 30: ${each <= 30 ? "met" : "MISSED"}`);
  for (const { id } of runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
}

const missing = missingForMachines();
if (missing) throw new Error(`Cannot measure${missing}`);
const folder = temporaryFolder();
const disk = busyboxDisk(folder.path);
const { runtime: cloning } = await realRuntime(folder.path);
const bootFolder = temporaryFolder();
const { runtime: booting } = await realRuntime(bootFolder.path, { cloning: undefined });
const { kernelArguments }: { readonly kernelArguments: string } = await Bun.file(builtImage.manifest).json();
const figures = { bare: [], clone: [], large: [], boot: [] } as Record<
  "bare" | "clone" | "large" | "boot",
  number[]
>;
// The first round warms caches and does not count.
for (let round = 0; round <= rounds; round++) {
  const bare = (await bootBare(kernelArguments)).readyMs;
  const clone = await measure(cloning, small);
  const big = await measure(cloning, large);
  const boot = await measure(booting, small);
  if (round === 0) continue;
  figures.bare.push(bare);
  figures.clone.push(clone);
  figures.large.push(big);
  figures.boot.push(boot);
}
report("bare boot to PID 1's first answer", figures.bare);
report("sandbox that boots, to its first line", figures.boot);
report("clone of 320 MiB, to its first line", figures.clone);
report(`clone of 4 GiB and ${large.cpuCount} processors, to its first line`, figures.large);
await measureFleet(cloning);
for (const runtime of [cloning, booting]) await runtime.close();
for (const each of [folder, bootFolder]) each.remove();
