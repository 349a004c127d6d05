/**
 * The supervisor's marks at scale: `bun test/performance/scale.ts [PROGRAM]`, the program being `dist/pacific` unless
 * given. Lists of 5,000 ConfigMaps and 10,000 Pods and what else waits for them, 1,000 watchers beside a bare node:tls
 * server that writes the same bytes, memory, and a start with all of that stored, last with controllers and scheduler.
 * CPU is that of the supervisor's process.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { sleep } from "../../supervisor/base/signals.ts";
import { print, printMark } from "./figures.ts";
import { closedLoop } from "./load/closed-loop.ts";
import { distribution, median } from "./load/distribution.ts";
import { configMap, node, nodeStatusPatch, paddedNumber, pod, statusPatch } from "./load/objects.ts";
import { openConnection } from "./load/open-connection.ts";
import { prepare } from "./load/phases.ts";
import { processUse } from "./load/processes.ts";
import { freePort, type RunningServer, startServer } from "./load/running-server.ts";
import { type WatchScene, watchFanOut } from "./load/watch-fan-out.ts";

const configMaps = 5000;
const pods = 10_000;
const watchers = 1000;
const lists = 5;
const nodes = 10;
const fanOuts = 3;
/** When controllers and scheduler have read all, and before nodes that report nothing count as lost. */
const settledMs = 25_000;
const concurrency = 16;
const program = resolve(process.argv[2] ?? "dist/pacific");

/** What the next start leaves out. */
let disabled: readonly string[] = ["--disable", "scheduler,controllers"];

async function start(): Promise<RunningServer> {
  const listen = `127.0.0.1:${await freePort()}`;
  return startServer(({ dataDir, kubeconfig }) => [
    ...[program, "supervisor", "--data-dir", dataDir, "--listen", listen],
    ...["--write-kubeconfig", kubeconfig, ...disabled],
  ]);
}

function startWatchFloor(objectBytes: number): Promise<RunningServer> {
  const script = join(import.meta.dir, "bare-watch-server.ts");
  return startServer(({ kubeconfig }) => [
    ...[process.execPath, script, "--write-kubeconfig", kubeconfig, "--object-bytes", String(objectBytes)],
  ]);
}

function targetOf({ server, pid }: RunningServer) {
  return { server, client: "socket" as const, namespace: "bench", pids: new Map([["server", pid]]) };
}

function rssMiB({ pid }: RunningServer): number {
  return processUse(pid)?.rssMiB ?? Number.NaN;
}

const collection = (resource: string): string => `/api/v1/namespaces/bench/${resource}`;

const nodeName = (index: number): string => `node-${index % nodes}`;

async function fill(server: RunningServer): Promise<void> {
  const send = async (count: number, request: Parameters<typeof closedLoop>[0]["request"]): Promise<void> => {
    const result = await closedLoop({ ...targetOf(server), concurrency, count, request });
    if (result.errors.size > 0) throw new Error(`Requests failed: ${result.firstError}`);
  };
  const create = (path: string, body: (name: string, index: number) => Buffer) => (index: number) => ({
    method: "POST",
    path,
    body: body(paddedNumber(index), index),
  });
  await send(
    configMaps,
    create(collection("configmaps"), (name) => configMap("bench", `cm-${name}`)),
  );
  await send(
    nodes,
    create("/api/v1/nodes", (_, index) => node(nodeName(index))),
  );
  await send(nodes, (index) => ({
    method: "PATCH",
    path: `/api/v1/nodes/${nodeName(index)}/status`,
    body: nodeStatusPatch(),
    contentType: "application/merge-patch+json",
  }));
  await send(
    pods,
    create(collection("pods"), (name, index) => pod("bench", `pod-${name}`, index, nodeName(index))),
  );
  await send(pods, (index) => ({
    method: "PATCH",
    path: `${collection("pods")}/pod-${paddedNumber(index)}/status`,
    body: statusPatch(index),
    contentType: "application/merge-patch+json",
  }));
}

/** Lists some times while another connection asks for one object after the other. */
async function measureList(server: RunningServer, resource: string, markMs: number): Promise<void> {
  const [lister, other] = await Promise.all([
    openConnection(targetOf(server)),
    openConnection(targetOf(server)),
  ]);
  const small = { method: "GET", path: "/api/v1/namespaces/bench" };
  // What the other connection's requests cost, to be taken off the list's.
  const before = processUse(server.pid)?.cpuSeconds ?? 0;
  const quietWaits = await times(500, () => other.request(small));
  const smallMs = (((processUse(server.pid)?.cpuSeconds ?? 0) - before) * 1000) / 500;
  const cpuMs: number[] = [];
  const waits: number[] = [];
  let bytes = 0;
  for (let round = 0; round < lists; round++) {
    let isListing = true;
    let asked = 0;
    const start = processUse(server.pid)?.cpuSeconds ?? 0;
    const asking = (async () => {
      while (isListing) {
        const from = performance.now();
        await other.request(small);
        waits.push(performance.now() - from);
        asked++;
      }
    })();
    ({ bytes } = await lister.request({ method: "GET", path: collection(resource) }));
    isListing = false;
    await asking;
    cpuMs.push(((processUse(server.pid)?.cpuSeconds ?? 0) - start) * 1000 - asked * smallMs);
  }
  lister.close();
  other.close();
  const cost = median(cpuMs);
  printMark(`list of ${resource}, ${(bytes / 1e6).toFixed(1)} MB, CPU`, cost, markMs, "ms");
  const waited = distribution(waits).max - distribution(quietWaits).p50;
  printMark(`  another request waits at most`, waited, 20, "ms");
}

async function times(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) {
    const from = performance.now();
    await run();
    taken.push(performance.now() - from);
  }
  return taken;
}

async function measureOneNamespace(server: RunningServer): Promise<void> {
  const floor = await startWatchFloor(await sizeOfConfigMap(server));
  const ours: FanOut[] = [];
  const bare: FanOut[] = [];
  try {
    for (let round = 0; round < fanOuts; round++) {
      bare.push(await fanOut(floor));
      ours.push(await fanOut(server));
    }
  } finally {
    await floor.stop();
  }
  const p99 = median(ours.map((result) => result.p99));
  printMark(`${watchers} watchers of one namespace, p99`, p99, 250, "ms");
  const each = median(ours.map(({ cpuMicros }) => cpuMicros));
  printMark("  CPU for each delivery", each, 15, "µs");
  const least = median(bare.map(({ cpuMicros }) => cpuMicros));
  print(`${"  of which a bare node:tls server takes".padEnd(44)} ${least.toFixed(2).padStart(9)} µs`);
}

interface FanOut {
  readonly p99: number;
  readonly cpuMicros: number;
}

async function fanOut(server: RunningServer): Promise<FanOut> {
  const options = { ...targetOf(server), watchers, writes: 50, writesPerSecond: 5 };
  const { received, expected, afterAnswerMs, cpuMs } = await watchFanOut(options);
  if (received !== expected) print(`  only ${received} of ${expected} events came`);
  return { p99: afterAnswerMs.p99, cpuMicros: ((cpuMs.get("server") ?? Number.NaN) * 1000) / expected };
}

async function sizeOfConfigMap(server: RunningServer): Promise<number> {
  const connection = await openConnection(targetOf(server));
  const path = `${collection("configmaps")}/cm-${paddedNumber(0)}`;
  const { bytes } = await connection.request({ method: "GET", path });
  connection.close();
  return bytes;
}

/** Each watcher looks at a node of its own, each write is for one of them. */
function nodesScene(): WatchScene {
  return {
    watched: (watcher) => `/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-${watcher}`,
    creation: (name, index) => ({
      path: collection("pods"),
      body: pod("bench", name, index, nodeName(index)),
    }),
    audience: 1,
  };
}

async function measureNodes(server: RunningServer): Promise<void> {
  const cost = async (count: number): Promise<number> => {
    const options = { ...targetOf(server), watchers: count, writes: 1000, writesPerSecond: 200 };
    const result = await watchFanOut({ ...options, scene: nodesScene() });
    if (result.received !== result.expected)
      print(`  only ${result.received} of ${result.expected} events came`);
    if (count === watchers) {
      const { p99 } = result.afterAnswerMs;
      printMark(`${count} watchers of a node each, p99`, p99, 100, "ms");
    }
    return (result.cpuMs.get("server") ?? Number.NaN) / options.writes;
  };
  const few = await cost(10);
  const many = await cost(watchers);
  print(
    `  CPU for each write, with 10 watchers ${few.toFixed(2)} ms, with ${watchers} ${many.toFixed(2)} ms`,
  );
}

if (!existsSync(program)) {
  process.stderr.write(`There is no ${program}: build it by ./install.sh build, or name another one\n`);
  process.exit(1);
}
let server = await start();
try {
  printMark("memory, empty (RSS)", rssMiB(server), 120, "MiB");
  await prepare(targetOf(server));
  await fill(server);
  print(`${"memory after the writes (RSS)".padEnd(44)} ${rssMiB(server).toFixed(2).padStart(9)} MiB`);
  await measureList(server, "configmaps", 60);
  await measureList(server, "pods", 600);
  print(`${"memory after the lists (RSS)".padEnd(44)} ${rssMiB(server).toFixed(2).padStart(9)} MiB`);
  server = await server.restart();
  const ready = server.readyMs / 1000;
  printMark(`start to ready, with ${pods} Pods`, ready, 1.5, "s");
  printMark("memory then (RSS)", rssMiB(server), 300, "MiB");
  await measureOneNamespace(server);
  await measureNodes(server);
  disabled = [];
  server = await server.restart();
  await sleep(settledMs);
  const all = rssMiB(server);
  printMark("memory with controllers and scheduler (RSS)", all, 300, "MiB");
} finally {
  await server.stop();
}
