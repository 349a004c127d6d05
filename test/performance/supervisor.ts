/**
 * The supervisor's marks: `bun test/performance/supervisor.ts [PROGRAM]`, the program being `dist/pacific` unless
 * given. Starts the supervisor and a bare TLS server that stores the same bytes, loads both in turns, and prints each
 * figure beside its mark. The figures are the middle ones of several rounds.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { sleep } from "../../supervisor/base/signals.ts";
import { print, printMark } from "./figures.ts";
import type { ClosedLoopResult } from "./load/closed-loop.ts";
import { median } from "./load/distribution.ts";
import { type ClientKind, clientKinds } from "./load/open-connection.ts";
import { type LoadOptions, phaseNames } from "./load/options.ts";
import { createConfigMaps, createPods, patchPods, prepare, readConfigMaps } from "./load/phases.ts";
import { processUse } from "./load/processes.ts";
import { freePort, type RunningServer, startServer } from "./load/running-server.ts";

const rounds = 5;
const concurrency = 16;
const starts = 3;
const restMs = 10_000;
const program = resolve(process.argv[2] ?? "dist/pacific");

const apiAlone = ["--disable", "scheduler,controllers"];

async function startSupervisor(flags: readonly string[] = apiAlone): Promise<RunningServer> {
  const listen = `127.0.0.1:${await freePort()}`;
  return startServer(({ dataDir, kubeconfig }) => [
    ...[program, "supervisor", "--data-dir", dataDir, "--listen", listen],
    ...["--write-kubeconfig", kubeconfig, ...flags],
  ]);
}

function startFloor(): Promise<RunningServer> {
  const script = join(import.meta.dir, "bare-server.ts");
  return startServer(({ dataDir, kubeconfig }) => [
    ...[process.execPath, script, "--data-dir", dataDir, "--write-kubeconfig", kubeconfig],
  ]);
}

/** Ready time of fresh starts, and what the last one holds and uses when nothing is asked of it. */
async function measureRest(): Promise<void> {
  const readyMs: number[] = [];
  for (let i = 0; i < starts; i++) {
    const server = await startSupervisor();
    readyMs.push(server.readyMs);
    if (i === starts - 1) {
      const before = processUse(server.pid);
      await sleep(restMs);
      const after = processUse(server.pid);
      const rss = after?.rssMiB ?? Number.NaN;
      const cpu = ((after?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0)) / (restMs / 1000);
      printMark("memory at rest (RSS)", rss, 120, "MiB");
      print(`${"CPU at rest".padEnd(44)} ${(cpu * 100).toFixed(2).padStart(9)} % of a core`);
    }
    await server.stop();
  }
  const ready = median(readyMs) / 1000;
  printMark("start to ready, empty", ready, 0.5, "s");
}

function optionsFor(server: RunningServer, client: ClientKind): LoadOptions {
  return {
    ...{
      server: server.server,
      client,
      namespace: "bench",
      phases: phaseNames,
      concurrencies: [concurrency],
    },
    ...{
      configMaps: 5000,
      gets: 10_000,
      pods: 2000,
      patches: 4000,
      watchers: 1,
      watchedWrites: 1,
      watchedWritesPerSecond: 1,
    },
    pids: new Map([["server", server.pid]]),
  };
}

type Turn = (options: LoadOptions, concurrency: number) => Promise<ClosedLoopResult>;

interface Comparison {
  readonly ours: ClosedLoopResult[];
  readonly bare: ClosedLoopResult[];
}

/** The client whose ratio is the mark: node:https, as the load client of the marks uses it. */
const markClient: ClientKind = "https";

async function measureLoad(): Promise<void> {
  const supervisor = await startSupervisor();
  const floor = await startFloor();
  try {
    await prepare(optionsFor(supervisor, "socket"));
    await compare("ConfigMap create", supervisor, floor, createConfigMaps, { cpuMs: 0.3, ratio: 0.6 });
    await compare("ConfigMap get", supervisor, floor, readConfigMaps, { cpuMs: 0.12, ratio: 0.4 });
    await compare("Pod create", supervisor, floor, createPods, { cpuMs: 0.8, ratio: 0.3 });
    await compare("Pod status patch", supervisor, floor, patchPods, { cpuMs: 0.6, ratio: 0.3 });
  } finally {
    await Promise.all([supervisor.stop(), floor.stop()]);
  }
}

/** What controllers and scheduler add, which look at each write. */
async function measureWhole(): Promise<void> {
  const supervisor = await startSupervisor([]);
  const floor = await startFloor();
  try {
    await prepare(optionsFor(supervisor, "socket"));
    const name = "ConfigMap create, controllers and scheduler on,";
    await compare(name, supervisor, floor, createConfigMaps, { cpuMs: 0.3, ratio: 0.6 });
  } finally {
    await Promise.all([supervisor.stop(), floor.stop()]);
  }
}

/** Loads both servers by both clients, each in its turn, so that what else the machine does falls on all of them. */
async function compare(
  name: string,
  supervisor: RunningServer,
  floor: RunningServer,
  turn: Turn,
  marks: { readonly cpuMs: number; readonly ratio?: number },
): Promise<void> {
  const results = new Map<ClientKind, Comparison>(clientKinds.map((kind) => [kind, { ours: [], bare: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const [client, { ours, bare }] of results) {
      bare.push(await turn(optionsFor(floor, client), concurrency));
      ours.push(await turn(optionsFor(supervisor, client), concurrency));
      const failed = [bare.at(-1), ours.at(-1)].find((result) => (result?.errors.size ?? 0) > 0);
      if (failed !== undefined) throw new Error(`Requests failed: ${failed.firstError}`);
    }
  }
  for (const [client, { ours, bare }] of results) {
    const text =
      client === markClient ? "node:https, the client of the marks" : "a light one, beside the marks";
    print(`${name} at concurrency ${concurrency}, client ${text}`);
    printComparison(ours, bare, client === markClient ? marks : {});
  }
}

function printComparison(
  ours: readonly ClosedLoopResult[],
  bare: readonly ClosedLoopResult[],
  marks: { readonly cpuMs?: number; readonly ratio?: number },
): void {
  const cpuMs = (results: readonly ClosedLoopResult[]): number =>
    median(results.map((result) => result.cpuMsPerRequest.get("server") ?? Number.NaN));
  const rate = (results: readonly ClosedLoopResult[]): number =>
    median(results.map(({ perSecond }) => perSecond));
  const ratios = ours.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN));
  const ratio = median(ratios);
  const others = Math.max(...[...ours, ...bare].map(({ otherCores }) => otherCores));
  if (others > 0.2)
    print(`  others kept up to ${others.toFixed(1)} cores busy: run it again on a quiet machine`);
  print(`  floor       ${rate(bare).toFixed(0).padStart(6)}/s  ${cpuMs(bare).toFixed(3)} ms CPU`);
  print(`  supervisor  ${rate(ours).toFixed(0).padStart(6)}/s  ${cpuMs(ours).toFixed(3)} ms CPU`);
  if (marks.cpuMs !== undefined) {
    printMark("  CPU for each request", cpuMs(ours), marks.cpuMs, "ms");
  }
  const span = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  if (marks.ratio === undefined) print(`  rate as a part of the floor's ${ratio.toFixed(2)} (${span})`);
  else printMark("  rate as a part of the floor's", ratio, marks.ratio, "", ratio >= marks.ratio);
}

if (!existsSync(program)) {
  process.stderr.write(`There is no ${program}: build it by ./install.sh build, or name another one\n`);
  process.exit(1);
}
await measureRest();
await measureLoad();
await measureWhole();
