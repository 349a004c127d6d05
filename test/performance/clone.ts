/**
 * The marks of cloned machines: `bun test/performance/clone.ts [ROUNDS] [FLEET]`. In turns a bare QEMU that boots and a bare
 * clone that answers a ping (the floors), a sandbox that boots, a cloned one and one of the pool up to their container's
 * first line, the same with 4 GiB and more processors; then a fleet of clones, four at a time, with the memory that each takes of the
 * host. Wants `dist/guest`, QEMU, mksquashfs and a box with nothing else to do.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { findMachines } from "../../agent/runtime/crx/qemu/find-machines.ts";
import { builtImage, missingForMachines } from "../integration/crx/fixtures.ts";
import { BareClones } from "./bare-clones.ts";
import { print, printMark, printTimes, pssMiB } from "./figures.ts";
import { bootBare } from "./machine-floor.ts";
import { RuntimeStarts } from "./runtime-starts.ts";

const [rounds, fleet] = [Number(process.argv[2] ?? 15), Number(process.argv[3] ?? 50)];
const atOnce = 4;
const small = { memoryBytes: 320 << 20 };
const large = { memoryBytes: 4 * 2 ** 30, cpuCount: Math.min(4, availableParallelism()) };

async function measureFleet(starts: RuntimeStarts): Promise<void> {
  const begunAt = performance.now();
  let left = fleet;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await starts.start(small);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const tookMs = performance.now() - begunAt;
  const machines = findMachines(join(starts.folder.path, "sandboxes"), () => true);
  const each = machines.map(({ pid }) => pssMiB(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")));
  print(`${machines.length} clones, ${atOnce} at a time: ${(tookMs / 1000).toFixed(1)} s`);
  printMark("memory of each (PSS)", each.reduce((sum, one) => sum + one, 0) / machines.length, 30, "MiB");
}

const missing = missingForMachines();
if (missing) throw new Error(`Cannot measure${missing}`);
const bare = await BareClones.open();
const [booting, cloning, pooling] = [
  await RuntimeStarts.open("boot"),
  await RuntimeStarts.open("clone"),
  await RuntimeStarts.open("pool"),
];
const { kernelArguments }: { readonly kernelArguments: string } = await Bun.file(builtImage.manifest).json();
const measures: ReadonlyArray<readonly [string, () => Promise<number>]> = [
  ["bare boot to PID 1's first answer", async () => (await bootBare(kernelArguments)).readyMs],
  ["bare clone that answers a ping", () => bare.one()],
  ["sandbox that boots, to its first line", () => booting.measure(small, "boot")],
  ["clone of 320 MiB, to its first line", () => cloning.measure(small, "clone")],
  ["of the pool, 320 MiB, to its first line", () => pooling.measure(small, "pool")],
  [`clone of 4 GiB and ${large.cpuCount} processors`, () => cloning.measure(large, "clone")],
  [`of the pool, 4 GiB and ${large.cpuCount} processors`, () => pooling.measure(large, "pool")],
];
const figures = measures.map((): number[] => []);
// The first round warms caches and does not count.
for (let round = 0; round <= rounds; round++) {
  for (const [index, [, measure]] of measures.entries()) {
    const tookMs = await measure();
    if (round > 0) figures[index]?.push(tookMs);
  }
}
for (const [index, [name]] of measures.entries()) printTimes(name, figures[index] ?? []);
const { tookMs: floorMs } = await bare.fleet(fleet, atOnce);
print(`${fleet} bare clones, ${atOnce} at a time: ${(floorMs / 1000).toFixed(1)} s`);
await measureFleet(cloning);
for (const starts of [booting, cloning, pooling]) await starts.close();
bare.close();
