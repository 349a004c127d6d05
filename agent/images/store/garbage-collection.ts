import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { tryFileLock } from "./file-lock.ts";
import type { ImageRecords } from "./image-records.ts";
import { neededFiles } from "./image-records.ts";
import { blobName, type StoreFiles } from "./store-files.ts";

/** Blobs of a pull that failed or was killed are kept this long for the next attempt. */
const resumeWindowMs = 24 * 60 * 60 * 1000;

export interface GarbageOptions {
  readonly nowMs: number;
  /** Blobs that go at once if no image needs them, or every such blob where the disk is full. */
  readonly unwantedBlobs?: readonly string[] | "all";
}

/**
 * Removes the files that no image needs: disks, half-written files of a killed process at once, blobs after a day
 * unless they are unwanted. Does nothing and returns false while somebody pulls or imports.
 */
export async function collectGarbage(
  files: StoreFiles,
  records: ImageRecords,
  { nowMs, unwantedBlobs = [] }: GarbageOptions,
): Promise<boolean> {
  const lock = await tryFileLock(files.lock, "exclusive");
  if (lock === undefined) return false;
  try {
    const needed = neededFiles(await records.list(), blobName);
    const unwanted = unwantedBlobs === "all" ? undefined : new Set(unwantedBlobs.map(blobName));
    for (const directory of [files.disksDir, files.archivesDir]) {
      await removeFiles(directory, (name) => !needed.has(name));
    }
    for (const directory of [files.imagesDir, files.referencesDir]) {
      await removeFiles(directory, (name) => name.endsWith(".tmp"));
    }
    await removeFiles(files.blobsDir, async (name, path) => {
      if (needed.has(name)) return false;
      return unwanted?.has(name) !== false || nowMs - (await stat(path)).mtimeMs > resumeWindowMs;
    });
    return true;
  } finally {
    await lock.release();
  }
}

async function removeFiles(
  directory: string,
  isGarbage: (name: string, path: string) => boolean | Promise<boolean>,
): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (await isGarbage(name, path)) await rm(path, { force: true });
  }
}
