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
import type { ToolProcess, ToolResult } from "./tool-process.ts";

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
  const budget = new ImageBudget(options.limits);
  const tree = await mergeLayers(layers, budget, options, progress);
  try {
    const ended = await writeDisk(tree, layers, temporaryPath, options, progress);
    if (!ended.whole) throw await toolError(options.tool, ended, temporaryPath, budget.uncompressedBytes);
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
  budget: ImageBudget,
  { signal, layerReady }: DiskOptions,
  onRead: OnRead,
): Promise<MergedTree> {
  const tree = new MergedTree(budget);
  for (const [index, layer] of layers.entries()) {
    await layerReady(index);
    signal.throwIfAborted();
    const options = { budget, signal, onRead: (bytes: number) => onRead(1, index, bytes) };
    try {
      await tree.applyLayer(await indexLayer(layer, options));
    } catch (error) {
      throw error instanceof ImageError ? inLayer(layer, error) : error;
    }
  }
  return tree;
}

function inLayer({ name }: Layer, error: ImageError): ImageError {
  return new ImageError(error.kind, `layer ${name}: ${error.message}`, { cause: error });
}

interface ToolEnd extends ToolResult {
  /** Whether the program took everything and was content. */
  readonly whole: boolean;
}

async function writeDisk(
  tree: MergedTree,
  layers: readonly Layer[],
  temporaryPath: string,
  { tool, signal }: DiskOptions,
  onRead: OnRead,
): Promise<ToolEnd> {
  const process = tool.start(temporaryPath);
  const kill = (): void => process.kill();
  signal.addEventListener("abort", kill, { once: true });
  try {
    const options = { signal, onRead: (layer: number, bytes: number) => onRead(2, layer, bytes) };
    const taken = await takesAll(process, mergedTar(tree, layers, options));
    const result = await process.finish();
    signal.throwIfAborted();
    return { ...result, whole: taken && result.exitCode === 0 };
  } catch (error) {
    // An abort or a broken layer: the program must not make a disk of half the tree.
    process.kill();
    await process.finish();
    throw error;
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** Whether the program took every chunk. One that has ended takes no more; its exit code says why. */
async function takesAll(process: ToolProcess, chunks: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const chunk of chunks) {
    const taken = await process.write(chunk).then(
      () => true,
      () => false,
    );
    if (!taken) return false;
  }
  return true;
}

/**
 * Why the program failed. tar2sqfs says no more than "I/O error" when the disk is full, and has removed its file by the
 * time the disk can be asked: so it counts as full when there is less room than all of the image's content would need.
 */
async function toolError(
  { name }: SquashfsTool,
  { exitCode, stderr }: ToolEnd,
  temporaryPath: string,
  contentBytes: number,
): Promise<ImageError> {
  const directory = dirname(temporaryPath);
  const { bavail, bsize } = await statfs(directory);
  const isFull =
    /No space left on device|Disk quota exceeded/.test(stderr) ||
    (/I\/O error/.test(stderr) && bavail * bsize < contentBytes);
  if (isFull) return noSpaceError(directory, new Error(stderr));
  return new ImageError(
    "invalid-image",
    `${name} could not make a disk of the image (exit code ${exitCode}): ${stderr || "it says nothing"}`,
  );
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
