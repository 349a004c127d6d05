/** Many Pods at once on one host, and what they cost it while they are idle. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { ResourceClient } from "../../supervisor/client/types.ts";
import type { Daemon } from "../framework/cluster.ts";
import { eventually } from "../framework/eventually.ts";
import { processesOf } from "../framework/host-processes.ts";
import { demoPod } from "./demo-pod.ts";
import { print, printMark, pssMiB } from "./figures.ts";
import { cpuMs } from "./machine-floor.ts";

const giveUpMs = 300_000;
const calmMs = 20_000;
const idleMs = 30_000;

export interface FleetPlace {
  readonly pods: ResourceClient<V1Pod>;
  readonly node: string;
  readonly folder: string;
  readonly daemon: Daemon;
  readonly count: number;
  /** What as many bare clones took. */
  readonly bareMs: number;
}

/** Prints how long the Pods take, and their memory, their daemon's and its processor time when nothing happens. */
export async function measureFleet({ pods, node, folder, daemon, count, bareMs }: FleetPlace): Promise<void> {
  const rssBefore = rssMB(daemon.pid);
  const begunAt = performance.now();
  const created = await Promise.all(
    Array.from({ length: count }, (_, index) => pods.create(demoPod(`fleet-${index}`, { node }))),
  );
  const logs = created.map(({ metadata }) => {
    const { namespace = "", name = "", uid = "" } = metadata ?? {};
    return join(folder, "logs/pods", `${namespace}_${name}_${uid}`, "main/0.log");
  });
  await eventually("all Pods have their first line", giveUpMs, () =>
    logs.every((log) => existsSync(log) && readFileSync(log).length > 0),
  );
  const tookMs = performance.now() - begunAt;
  print(`${count} Pods at once: ${(tookMs / 1000).toFixed(1)} s`);
  printMark(`${count} Pods at once to bare clones`, tookMs / bareMs, 1.5, "times");
  await Bun.sleep(calmMs);
  const used = processesOf(folder)
    .filter(({ pid }) => pid !== daemon.pid)
    .map(({ pid }) => pssMiB(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")));
  printMark(
    "memory of each Pod's host side (PSS)",
    used.reduce((sum, one) => sum + one, 0) / count,
    30,
    "MiB",
  );
  const before = cpuMs(daemon.pid);
  await Bun.sleep(idleMs);
  printMark("the idle daemon's share of a core", ((cpuMs(daemon.pid) - before) / idleMs) * 100, 0.5, "%");
  print(`the daemon's memory (RSS) before the Pods: ${rssBefore.toFixed(1)} MB`);
  printMark(`the daemon's memory (RSS) with ${count} Pods`, rssMB(daemon.pid), 80, "MB");
}

function rssMB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
}
