/** Where a Pod's start has got to by when, told from outside: by the API and by the files that the host leaves. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { containerRecordName } from "../../agent/runtime/crx/container.ts";
import { streamsSocketName } from "../../agent/runtime/crx/qemu/command-line.ts";
import { qemuLogName } from "../../agent/runtime/crx/qemu/spawn-qemu.ts";
import type { V1Pod } from "../../supervisor/api/generated/types.ts";
import type { ResourceClient } from "../../supervisor/client/types.ts";
import { eventually } from "../framework/eventually.ts";
import { cpuMs } from "./machine-floor.ts";

const giveUpMs = 60_000;
const sandboxRecordName = "sandbox.json";

/** The steps of a start in their order; each is the time when it was reached. */
export const startSteps = [
  "bound to the node",
  "seen by the host",
  "network and disks known",
  "QEMU spawned",
  "QEMU has its devices",
  "guest answered, configured",
  "container made, log open",
  "process started",
  "first line in the log",
] as const;

export interface PodStart {
  /** Milliseconds from the API's answer to each of {@link startSteps}. */
  readonly reachedMs: readonly number[];
  /** CPU time of its QEMU until the first line, which other load does not change much. */
  readonly cpuMs: number;
  /** How its machine came, as the sandbox's record says. */
  readonly start: string;
}

/** A machine of the pool has done all that it does before it waits. */
const rehearsedMs = 2000;

/** Waits until a machine waits for a Pod: its folder has no record, and it has been there for a while. */
export async function waitForSpare(host: string): Promise<void> {
  const root = join(host, "sandboxes");
  await eventually("a machine waits in the pool", giveUpMs, () =>
    readdirSync(root).some((id) => {
      const log = statSync(join(root, id, qemuLogName), { throwIfNoEntry: false });
      const isSpare = log && !id.startsWith("template") && !existsSync(join(root, id, sandboxRecordName));
      return isSpare && Date.now() - log.birthtimeMs > rehearsedMs;
    }),
  );
}

const now = (): number => performance.timeOrigin + performance.now();

/** Creates the Pod, waits for its first line and deletes it. */
export async function tracePodStart(
  pods: ResourceClient<V1Pod>,
  host: string,
  pod: V1Pod,
): Promise<PodStart> {
  const list = await pods.list();
  const stop = new AbortController();
  const resourceVersion = list.metadata?.resourceVersion ?? "";
  const bound = whenBound(pods, pod.metadata?.name ?? "", resourceVersion, stop.signal);
  const created = await pods.create(pod);
  const answeredMs = now();
  const { name = "", namespace = "", uid = "" } = created.metadata ?? {};
  const logFolder = join(host, "logs/pods", `${namespace}_${name}_${uid}`);
  const log = join(logFolder, "main/0.log");
  await eventually("the first line is in the log", giveUpMs, () => sizeOf(log) > 0);
  const lineMs = Date.parse(readFileSync(log, "utf8").split(" ", 1)[0] ?? "");
  const container = await eventually("the container runs", giveUpMs, () => runningContainer(host, uid));
  const { createdAt, startedAt, sandbox } = container;
  const usedMs = cpuMs(machinePid(sandbox));
  const start = String(readJson(join(sandbox, sandboxRecordName)).start);
  const times = [
    await bound,
    birthMs(logFolder),
    birthMs(sandbox),
    birthMs(join(sandbox, qemuLogName)),
    birthMs(join(sandbox, streamsSocketName)),
    Date.parse(createdAt),
    birthMs(log),
    Date.parse(startedAt),
    lineMs,
  ];
  stop.abort();
  await pods.delete(name);
  await eventually("the Pod is gone", giveUpMs, async () => (await pods.list()).items.length === 0);
  return { reachedMs: times.map((time) => time - answeredMs), cpuMs: usedMs, start };
}

function machinePid(sandbox: string): number {
  return JSON.parse(readFileSync(join(sandbox, sandboxRecordName), "utf8")).process.pid;
}

async function whenBound(
  pods: ResourceClient<V1Pod>,
  name: string,
  resourceVersion: string,
  signal: AbortSignal,
): Promise<number> {
  for await (const { object } of pods.watch({ resourceVersion, signal })) {
    if (object.metadata?.name === name && object.spec?.nodeName) return now();
  }
  return Number.NaN;
}

interface RunningContainer {
  /** Its machine's folder. */
  readonly sandbox: string;
  readonly createdAt: string;
  readonly startedAt: string;
}

/** The one container of a Pod, as the runtime's records tell of it; undefined while it does not run. */
function runningContainer(host: string, uid: string): RunningContainer | undefined {
  const root = join(host, "sandboxes");
  for (const id of readdirSync(root)) {
    const sandbox = join(root, id);
    // A machine that waits in the pool has no record.
    if (!existsSync(join(sandbox, sandboxRecordName))) continue;
    const { config } = readJson(join(sandbox, sandboxRecordName));
    if (Object(Object(config).metadata).uid !== uid) continue;
    const containers = join(sandbox, "containers");
    if (!existsSync(containers)) continue;
    for (const container of readdirSync(containers)) {
      const { createdAt, startedAt } = readJson(join(containers, container, containerRecordName));
      if (typeof createdAt === "string" && typeof startedAt === "string")
        return { sandbox, createdAt, startedAt };
    }
  }
  return undefined;
}

function readJson(path: string): Record<string, unknown> {
  // Both records are JSON objects, replaced as a whole.
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function birthMs(path: string): number {
  return statSync(path).birthtimeMs;
}
