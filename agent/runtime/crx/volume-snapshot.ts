import { type FileHandle, open, rm } from "node:fs/promises";
import { sleep } from "../../../supervisor/base/signals.ts";
import { RuntimeError, type SnapshotTarget } from "../runtime.ts";
import type { Machine } from "./machine.ts";
import { addFileNode } from "./qemu/add-file-node.ts";
import { volumeSerial } from "./qemu/disk-serial.ts";
import { namesOf } from "./qemu/names-of.ts";
import type { QmpClient } from "./qemu/qmp-client.ts";
import { withWrittenBytes } from "./qemu/written-bytes-limit.ts";
import { reserveRoom } from "./reserve-room.ts";

/** Of a snapshot's job and of the block node of its file. */
const idPrefix = "snapshot-";
/** A guest goes on by itself when nobody tells it to for so long. */
const freezeLimitMs = 10_000;
const lookIntervalMs = 200;
/** Pieces that are copied at a time, each of up to a mebibyte of QEMU's memory. */
const workers = 4;

interface Job {
  readonly status: string;
  readonly copied: number;
  readonly total: number;
  readonly error: string | undefined;
}

/**
 * Copies what the disk of a volume holds at one moment into a new file, with holes where it holds zeros, while the
 * machine runs: the guest's file system stands still until QEMU has begun, and from then on QEMU copies each block
 * before the guest overwrites it. The room for all of it is the file's before anything is copied, as a block that cannot
 * be copied is one that the guest cannot write. When it throws, the file is not there.
 */
export async function snapshotVolume(
  { qmp, guest, process }: Machine,
  { volume, nodeName }: { readonly volume: string; readonly nodeName: string },
  { path, signal, onProgress }: SnapshotTarget,
): Promise<void> {
  const size = await nodeSize(qmp, nodeName);
  if (size === undefined) throw new RuntimeError("invalid", `Volume ${volume} is no disk of its own`);
  const id = idPrefix + volumeSerial(volume);
  const file = await open(path, "wx+", 0o600);
  try {
    await reserveRoom(file, path, size);
    await withWrittenBytes(process.pid, size, () =>
      withTarget(qmp, file, id, async () => {
        await guest.blockVolumes.freeze(volume, freezeLimitMs);
        try {
          await begin(qmp, nodeName, id);
        } finally {
          await guest.blockVolumes.thaw(volume);
        }
        await finish(qmp, id, signal, onProgress);
      }),
    );
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Ends what an earlier daemon began: its files are not wanted any more. */
export async function endSnapshots(qmp: QmpClient): Promise<void> {
  const nodes = namesOf(await qmp.execute("query-named-block-nodes", { flat: true }), "node-name");
  for (const id of nodes.filter((name) => name.startsWith(idPrefix))) await remove(qmp, id);
}

async function withTarget(
  qmp: QmpClient,
  file: FileHandle,
  id: string,
  use: () => Promise<void>,
): Promise<void> {
  await addFileNode(qmp, file, (filename) => ({
    ...{ driver: "raw", "node-name": id, discard: "unmap", "detect-zeroes": "unmap" },
    file: { driver: "file", filename, discard: "unmap" },
  }));
  try {
    await use();
  } finally {
    await remove(qmp, id);
  }
}

async function begin(qmp: QmpClient, nodeName: string, id: string): Promise<void> {
  await qmp.execute("blockdev-backup", {
    ...{ "job-id": id, device: nodeName, target: id, sync: "full", "auto-dismiss": false },
    "x-perf": { "max-workers": workers },
  });
}

/** Resolves when all is copied. Throws what QEMU says, or the signal's reason. */
async function finish(
  qmp: QmpClient,
  id: string,
  signal: AbortSignal,
  onProgress: SnapshotTarget["onProgress"],
): Promise<void> {
  for (;;) {
    const job = await findJob(qmp, id);
    if (!job) throw new Error("QEMU lost the snapshot's job");
    onProgress(job.copied, job.total);
    if (job.error !== undefined) throw new Error(`QEMU could not copy the volume: ${job.error}`);
    signal.throwIfAborted();
    if (job.status === "concluded") return;
    await sleep(lookIntervalMs, signal);
  }
}

/** Calls a job off if need be, and lets go of the file. */
async function remove(qmp: QmpClient, id: string): Promise<void> {
  let isCalledOff = false;
  for (;;) {
    const job = await findJob(qmp, id);
    if (!job) break;
    if (job.status === "concluded") await qmp.execute("job-dismiss", { id });
    else {
      if (!isCalledOff) await qmp.execute("job-cancel", { id });
      isCalledOff = true;
      await sleep(lookIntervalMs);
    }
  }
  await qmp.execute("blockdev-del", { "node-name": id });
}

async function findJob(qmp: QmpClient, id: string): Promise<Job | undefined> {
  const answer = await qmp.execute("query-jobs");
  const jobs: unknown[] = Array.isArray(answer) ? answer : [];
  const job = Object(jobs.find((each) => Object(each).id === id));
  if (job.id !== id) return undefined;
  return {
    status: String(job.status),
    copied: Number(job["current-progress"]),
    total: Number(job["total-progress"]),
    error: job.error === undefined ? undefined : String(job.error),
  };
}

async function nodeSize(qmp: QmpClient, nodeName: string): Promise<number | undefined> {
  const answer = await qmp.execute("query-named-block-nodes", { flat: true });
  const nodes: unknown[] = Array.isArray(answer) ? answer : [];
  const node = nodes.find((each) => Object(each)["node-name"] === nodeName);
  return node === undefined ? undefined : Number(Object(Object(node).image)["virtual-size"]);
}
