import { sleep } from "../../../supervisor/base/signals.ts";
import { type Distribution, distribution } from "./distribution.ts";
import { configMap, paddedNumber } from "./objects.ts";
import { type LoadTarget, openConnection } from "./open-connection.ts";
import { ProcessMeter } from "./processes.ts";

export interface WatchFanOutOptions extends LoadTarget {
  readonly namespace: string;
  readonly watchers: number;
  readonly writes: number;
  readonly writesPerSecond: number;
  /** What is watched and written, ConfigMaps of the namespace unless given. */
  readonly scene?: WatchScene;
  readonly pids: ReadonlyMap<string, number>;
}

export interface WatchScene {
  /** The collection's path, for one watcher with its selector. */
  watched(watcher: number): string;
  /** A creation that makes an event of type ADDED. */
  creation(name: string, index: number): { readonly path: string; readonly body: Buffer };
  /** How many watchers see each write. */
  readonly audience: number;
}

export interface WatchFanOutResult {
  readonly received: number;
  readonly expected: number;
  /** From the writer's answer to a watcher's event; below zero where the event came first. */
  readonly afterAnswerMs: Distribution;
  /** From the sending of the write to a watcher's event. */
  readonly afterSendingMs: Distribution;
  /** From when all watches are open. */
  readonly cpuMs: ReadonlyMap<string, number>;
  readonly rssBeforeMiB: ReadonlyMap<string, number>;
  readonly rssMiB: ReadonlyMap<string, number>;
}

interface Arrival {
  readonly name: string;
  readonly atMs: number;
}

/** Opens watches on one namespace, writes at a fixed rate, and times when each event reaches each watcher. */
export async function watchFanOut(options: WatchFanOutOptions): Promise<WatchFanOutResult> {
  const { watchers, writes, pids } = options;
  const scene = options.scene ?? configMapScene(options);
  const rssBeforeMiB = new ProcessMeter(pids).rssMiB();
  const writer = await openConnection(options);
  const list = await writer.request({ method: "GET", path: withQuery(scene.watched(0), "limit=1") }, true);
  const revision = /"resourceVersion":"(\d+)"/.exec(list.body)?.[1] ?? "0";
  const arrivals: Arrival[] = [];
  const watching = Array.from({ length: watchers }, async (_, watcher) => {
    const connection = await openConnection(options);
    const query = `watch=true&resourceVersion=${revision}&timeoutSeconds=300`;
    const { status } = await connection.stream(
      withQuery(scene.watched(watcher), query),
      lineReader((line) => noteArrival(line, arrivals)),
    );
    if (status !== 200) throw new Error(`Watch was answered with status ${status}`);
    return connection;
  });
  const watches = await Promise.all(watching);
  const meter = new ProcessMeter(pids);
  const times = await writeAtRate(options, scene);
  const expected = scene.audience * writes;
  const deadline = performance.now() + 5000;
  while (arrivals.length < expected && performance.now() < deadline) await sleep(20);
  const rssMiB = meter.rssMiB();
  for (const connection of [writer, ...watches]) connection.close();
  const since = (moment: "sentMs" | "answeredMs"): Distribution =>
    distribution(arrivals.map(({ name, atMs }) => atMs - (times.get(name)?.[moment] ?? Number.NaN)));
  return {
    received: arrivals.length,
    expected,
    afterAnswerMs: since("answeredMs"),
    afterSendingMs: since("sentMs"),
    cpuMs: meter.cpuMs(),
    rssBeforeMiB,
    rssMiB,
  };
}

function configMapScene({ namespace, watchers }: WatchFanOutOptions): WatchScene {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  return {
    watched: () => path,
    creation: (name) => ({ path, body: configMap(namespace, name) }),
    audience: watchers,
  };
}

function withQuery(path: string, query: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}${query}`;
}

async function writeAtRate(options: WatchFanOutOptions, scene: WatchScene) {
  const { writes, writesPerSecond } = options;
  const idle = await Promise.all(Array.from({ length: 32 }, () => openConnection(options)));
  const opened = [...idle];
  const times = new Map<string, { readonly sentMs: number; readonly answeredMs: number }>();
  const run = Date.now().toString(36);
  const start = performance.now();
  const pending: Promise<void>[] = [];
  for (let index = 0; index < writes; index++) {
    const dueInMs = start + (index * 1000) / writesPerSecond - performance.now();
    if (dueInMs > 1) await sleep(dueInMs);
    while (idle.length === 0) await sleep(1);
    const connection = idle.pop();
    if (connection === undefined) continue;
    const name = `fan-${run}-${paddedNumber(index)}`;
    const sentMs = performance.now();
    const request = { method: "POST", ...scene.creation(name, index) };
    pending.push(
      connection.request(request).then(({ status, body }) => {
        if (status >= 400) throw new Error(`Write of ${name} was answered with ${status}: ${body}`);
        times.set(name, { sentMs, answeredMs: performance.now() });
        idle.push(connection);
      }),
    );
  }
  await Promise.all(pending);
  for (const connection of opened) connection.close();
  return times;
}

function noteArrival(line: string, arrivals: Arrival[]): void {
  const name = line.includes('"ADDED"') ? /"name":"(fan-[^"]+)"/.exec(line)?.[1] : undefined;
  if (name !== undefined) arrivals.push({ name, atMs: performance.now() });
}

/** Cuts a stream into lines. */
function lineReader(onLine: (line: string) => void): (part: Buffer) => void {
  let rest = "";
  return (part) => {
    const text = rest + part.toString("latin1");
    let begin = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
      onLine(text.slice(begin, end));
      begin = end + 1;
    }
    rest = text.slice(begin);
  };
}
