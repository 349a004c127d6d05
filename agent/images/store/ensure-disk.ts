import { rm, stat } from "node:fs/promises";
import { diskKey, makeDisk } from "../layers/image-disk.ts";
import type { Layer } from "../layers/layer-index.ts";
import { findSquashfsTool } from "../layers/squashfs-tool.ts";
import { fileLock } from "./file-lock.ts";
import type { StoreContext } from "./store-context.ts";

export interface DiskRequest {
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Resolves when a layer is on the host whole. */
  readonly layerReady: (index: number) => Promise<void>;
}

export interface FinishedDisk {
  readonly diskKey: string;
  readonly diskBytes: number;
}

/** The disk of these layers: the one that is there, or else made now, by one process at a time. */
export async function ensureDisk(
  context: StoreContext,
  layers: readonly Layer[],
  request: DiskRequest,
): Promise<FinishedDisk> {
  const { files, limits, startTool } = context;
  const key = diskKey(layers.map(({ diffId }) => diffId));
  const path = files.disk(key);
  if ((await sizeOf(path)) === undefined) {
    const lock = await fileLock(`${path}.lock`, "exclusive", request.signal);
    try {
      if ((await sizeOf(path)) === undefined) {
        const temporaryPath = `${path}.tmp`;
        await rm(temporaryPath, { force: true });
        await makeDisk(layers, temporaryPath, path, {
          ...request,
          limits,
          tool: findSquashfsTool(startTool),
        });
      }
    } finally {
      await rm(`${path}.lock`, { force: true });
      await lock.release();
    }
  }
  return { diskKey: key, diskBytes: (await stat(path)).size };
}

/** Whether the disk of these layers is there. */
export async function hasDisk(context: StoreContext, diffIds: readonly string[]): Promise<boolean> {
  return (await sizeOf(context.files.disk(diskKey(diffIds)))) !== undefined;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}
