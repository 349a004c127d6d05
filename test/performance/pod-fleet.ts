/** Many Pods at once on one host, what each costs by part, and what they cost the host while they are idle. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import { TransportError } from "../../supervisor/client/transport-error.ts";
import type { ResourceClient } from "../../supervisor/client/types.ts";
import type { Daemon } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { podMachinesOf, processesOf, sandboxOf } from "../framework/host-processes.ts";
import type { BareFleet } from "./bare-clones.ts";
import { demoPod } from "./demo-pod.ts";
import { print, printMark, pssMiB } from "./figures.ts";
import { median, quantile } from "./load/distribution.ts";
import { childrenCpuMs, cpuMs } from "./machine-floor.ts";
import { memoryOf, memoryParts } from "./machine-memory.ts";

/** So many bare clones start beside each other: the floor's own words. */
export const clonesAtOnce = 4;
const giveUpMs = 300_000;
const calmMs = 25_000;
const idleMs = 30_000;

export interface FleetPlace {
  readonly pods: ResourceClient<V1Pod>;
  readonly node: string;
  readonly folder: string;
  readonly daemon: Daemon;
  readonly supervisor: Daemon;
  readonly count: number;
  /** What as many bare clones took. */
  readonly bare: BareFleet;
}

/** Prints how long the Pods take, and their memory, their daemon's and its processor time when nothing happens. */
export async function measureFleet(place: FleetPlace): Promise<void> {
  const { folder, daemon, count } = place;
  const residentBefore = residentMB(daemon.pid);
  await startPods(place);
  await Bun.sleep(calmMs);
  printMemory(place);
  const before = cpuMs(daemon.pid);
  const machines = podMachinesOf(folder).map(({ pid }) => ({ pid, before: cpuMs(pid) }));
  await Bun.sleep(idleMs);
  printMark("the idle daemon's share of a core", ((cpuMs(daemon.pid) - before) / idleMs) * 100, 0.5, "%");
  const idle = sum(machines.map(({ pid, before: then }) => cpuMs(pid) - then));
  print(`an idle machine's share of a core: ${((idle / idleMs / count) * 100).toFixed(2)} %`);
  const resident = residentMB(daemon.pid);
  printMark(`the daemon's memory (RSS) with ${count} Pods`, resident.all, 80, "MB");
  const own = ({ all, anonymous }: Resident): string =>
    `${all.toFixed(1)} MB, ${anonymous.toFixed(1)} of it its own`;
  print(`  before the Pods ${own(residentBefore)}; with them ${own(resident)}`);
}

async function startPods({ pods, node, folder, daemon, supervisor, count, bare }: FleetPlace): Promise<void> {
  const used = (): number[] => [cpuMs(daemon.pid), childrenCpuMs(daemon.pid), cpuMs(supervisor.pid)];
  const before = used();
  const begunAt = performance.now();
  const createdMs = Date.now();
  const created = await Promise.all(
    Array.from({ length: count }, (_, index) => create(pods, demoPod(`fleet-${index}`, { node }))),
  );
  const logs = created.map(({ metadata }) => {
    const { namespace = "", name = "", uid = "" } = metadata ?? {};
    return join(folder, "logs/pods", `${namespace}_${name}_${uid}`, "main/0.log");
  });
  await eventually("all Pods have their first line", giveUpMs, () =>
    logs.every((log) => existsSync(log) && readFileSync(log).length > 0),
  );
  const tookMs = performance.now() - begunAt;
  const [firstMs, middleMs] = [quantile(lineMs(logs), 0.02), median(lineMs(logs))].map(
    (at) => at - createdMs,
  );
  const machines = sum(podMachinesOf(folder).map(({ pid }) => cpuMs(pid)));
  const others = used().map((now, index) => now - (before[index] ?? 0));
  const inSeconds = (ms = Number.NaN): string => (ms / 1000).toFixed(1);
  print(
    `${count} Pods at once: the first ${inSeconds(firstMs)} s, half ${inSeconds(middleMs)} s, all ${inSeconds(tookMs)} s`,
  );
  print(`their machines: ${startsOf(folder)}`);
  printMark(`${count} Pods at once to bare clones`, tookMs / bare.tookMs, 1.5, "times");
  const each = [machines, ...others].map((ms) => ms / count);
  const names = ["QEMU", "daemon", "daemon's helpers", "supervisor"];
  const parts = each.map((ms, index) => `${names[index]} ${ms.toFixed(0)}`).join(", ");
  const { machineCpuMs, starterCpuMs } = bare;
  print(`processor time of each Pod: ${sum(each).toFixed(0)} ms (${parts})`);
  print(
    `of each bare clone: QEMU ${machineCpuMs.toFixed(0)}, the process that starts it ${starterCpuMs.toFixed(0)} ms`,
  );
  printMark("processor time, to bare clones", sum(each) / (machineCpuMs + starterCpuMs), 1.5, "times");
}

/** When each log got its first line. */
function lineMs(logs: readonly string[]): number[] {
  return logs.map((log) => Date.parse(readFileSync(log, "utf8").split(" ", 1)[0] ?? ""));
}

/** How many machines came how, as the sandboxes' records say. */
function startsOf(folder: string): string {
  const root = join(folder, "sandboxes");
  const starts = podMachinesOf(folder).map((machine) => {
    const record = join(root, sandboxOf(machine) ?? "", "sandbox.json");
    return String(JSON.parse(readFileSync(record, "utf8")).start);
  });
  const counts = Map.groupBy(starts, (start) => start)
    .entries()
    .map(([start, all]) => `${all.length} ${start}`);
  return [...counts].join(", ");
}

/** Once more where the connection broke: on a busy machine the client may use one that the server has just closed. */
async function create(pods: ResourceClient<V1Pod>, pod: V1Pod): Promise<V1Pod> {
  try {
    return await pods.create(pod);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const name = pod.metadata?.name ?? "";
    const known = (await pods.list()).items.find(({ metadata }) => metadata?.name === name);
    return known ?? (await pods.create(pod));
  }
}

function printMemory({ folder, daemon, count }: FleetPlace): void {
  const used = processesOf(folder)
    .filter(({ pid }) => pid !== daemon.pid)
    .map(({ pid }) => pssMiB(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")));
  printMark("memory of each Pod's host side (PSS)", sum(used) / count, 30, "MiB");
  const machines = podMachinesOf(folder).map(({ pid }) => memoryOf(pid));
  for (const part of memoryParts) {
    const mean = sum(machines.map((parts) => parts.get(part) ?? 0)) / machines.length;
    print(`  ${part.padEnd(36)} ${mean.toFixed(1).padStart(5)} MiB`);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** A process's resident memory, in MB: all of it, and what is no part of a file, which other processes would share. */
interface Resident {
  readonly all: number;
  readonly anonymous: number;
}

function residentMB(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)?.[1]) * 1024) / 1e6;
  return { all: field("VmRSS"), anonymous: field("RssAnon") };
}
