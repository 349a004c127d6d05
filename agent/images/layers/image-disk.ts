import { createHash } from "node:crypto";
import { chmod, open, rename, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { noSpaceError } from "../image-fault.ts";
import { ImageError } from "../image-service.ts";
import { indexLayer, type Layer } from "./layer-index.ts";
import { ImageBudget, type ImageLimits } from "./limits.ts";
import { mergedTar } from "./merged-tar.ts";
import { MergedTree } from "./merged-tree.ts";
import type { SquashfsTool } from "./squashfs-tool.ts";

export interface DiskOptions {
  readonly tool: SquashfsTool;
  readonly limits: ImageLimits;
  readonly signal: AbortSignal;
  /** Told how far it is, in bytes of the layers; each layer is read twice. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Resolves when a layer is on the host whole; they are awaited from the lowest up. */
  readonly layerReady: (index: number) => Promise<void>;
}

/** Raised whenever the same layers would give another disk. */
const formatVersion = 1;
/** More than the program writes at once. */
const fullBelowBytes = 1 << 20;

/** The name of the disk that these layers give: equal content has one disk. */
export function diskKey(diffIds: readonly string[]): string {
  return createHash("sha256")
    .update([`squashfs ${formatVersion}`, ...diffIds].join("\n"))
    .digest("hex");
}

/**
 * Makes the disk of an image: reads the layers once to verify and merge them, then once more to write. The disk
 * appears at `diskPath` whole and durable or not at all; `temporaryPath` must be the caller's alone.
 * Throws `invalid-image`, `no-space`, `unavailable`; `signal`'s reason when it aborts.
 */
export async function makeDisk(
  layers: readonly Layer[],
  temporaryPath: string,
  diskPath: string,
  options: DiskOptions,
): Promise<void> {
  const progress = readCounter(layers, options.onProgress);
  const tree = await mergeLayers(layers, options, progress);
  try {
    await writeDisk(tree, layers, temporaryPath, options, progress);
    await makeDurable(temporaryPath, diskPath);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
}

type OnRead = (pass: number, layer: number, compressedBytes: number) => void;

function readCounter(layers: readonly Layer[], onProgress: DiskOptions["onProgress"]): OnRead {
  const totalBytes = 2 * layers.reduce((sum, layer) => sum + layer.sizeBytes, 0);
  const read = new Map<string, number>();
  let doneBytes = 0;
  return (pass, layer, compressedBytes) => {
    const key = `${pass}/${layer}`;
    doneBytes += compressedBytes - (read.get(key) ?? 0);
    read.set(key, compressedBytes);
    onProgress(doneBytes, totalBytes);
  };
}

async function mergeLayers(
  layers: readonly Layer[],
  { limits, signal, layerReady }: DiskOptions,
  onRead: OnRead,
): Promise<MergedTree> {
  const budget = new ImageBudget(limits);
  const tree = new MergedTree(budget);
  for (const [index, layer] of layers.entries()) {
    await layerReady(index);
    signal.throwIfAborted();
    const options = { budget, signal, onRead: (bytes: number) => onRead(1, index, bytes) };
    try {
      tree.applyLayer(await indexLayer(layer, options));
    } catch (error) {
      throw error instanceof ImageError ? inLayer(layer, error) : error;
    }
  }
  return tree;
}

function inLayer({ name }: Layer, error: ImageError): ImageError {
  return new ImageError(error.kind, `layer ${name}: ${error.message}`, { cause: error });
}

async function writeDisk(
  tree: MergedTree,
  layers: readonly Layer[],
  temporaryPath: string,
  { tool, signal }: DiskOptions,
  onRead: OnRead,
): Promise<void> {
  const process = tool.start(temporaryPath, tree.root.attributes);
  let failure: unknown;
  try {
    const options = { signal, onRead: (layer: number, bytes: number) => onRead(2, layer, bytes) };
    for await (const chunk of mergedTar(tree, layers, options)) await process.write(chunk);
  } catch (error) {
    failure = error;
    // An abort or a broken layer: the program must not make a disk of half the tree.
    if (signal.aborted || error instanceof ImageError) process.kill();
  }
  const { exitCode, stderr } = await process.finish();
  signal.throwIfAborted();
  if (failure instanceof ImageError) throw failure;
  if (exitCode === 0 && failure === undefined) return;
  if (await isDiskFull(temporaryPath, stderr)) throw noSpaceError(dirname(temporaryPath), failure);
  throw new ImageError(
    "invalid-image",
    `${tool.name} could not make a disk of the image (exit code ${exitCode}): ${stderr || "it says nothing"}`,
    { cause: failure },
  );
}

/** tar2sqfs says no more than "I/O error" when the disk is full, so the disk is asked too. */
async function isDiskFull(temporaryPath: string, stderr: string): Promise<boolean> {
  if (/No space left on device|Disk quota exceeded/.test(stderr)) return true;
  const { bavail, bsize } = await statfs(dirname(temporaryPath));
  return /I\/O error/.test(stderr) && bavail * bsize < fullBelowBytes;
}

/** The disk is world-readable: a guest's QEMU runs as a user of its own. The store's folder keeps strangers out. */
async function makeDurable(temporaryPath: string, diskPath: string): Promise<void> {
  await chmod(temporaryPath, 0o444);
  await syncPath(temporaryPath);
  await rename(temporaryPath, diskPath);
  await syncPath(dirname(diskPath));
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
