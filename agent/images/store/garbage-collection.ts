import { appendFile, readdir, readFile, rm, stat } from "node:fs/promises";
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
 * unless they are unwanted. While somebody pulls or imports, in whatever process, that is left to him: see
 * {@link collectWaitingGarbage}.
 */
export async function collectGarbage(
  files: StoreFiles,
  records: ImageRecords,
  { nowMs, unwantedBlobs = [] }: GarbageOptions,
): Promise<void> {
  const names = unwantedBlobs === "all" ? [] : unwantedBlobs.map(blobName);
  // Before the lock is asked for: whoever holds it looks for this when he has let go of it.
  await appendFile(files.garbage, names.map((name) => `${name}\n`).join(""), { mode: 0o600 }).catch(() => {
    // A disk that is full has no room for it, and needs the removal most.
  });
  await collectAlone(files, records, nowMs, unwantedBlobs === "all");
  await collectWaitingGarbage(files, records, nowMs);
}

/** For whoever has pulled or imported: removes what could not be removed meanwhile. */
export async function collectWaitingGarbage(
  files: StoreFiles,
  records: ImageRecords,
  nowMs: number,
): Promise<void> {
  while ((await readGarbage(files)) !== undefined) {
    if (!(await collectAlone(files, records, nowMs))) return;
  }
}

/** Does nothing and returns false while somebody pulls, imports or collects. */
async function collectAlone(
  files: StoreFiles,
  records: ImageRecords,
  nowMs: number,
  allBlobs = false,
): Promise<boolean> {
  const lock = await tryFileLock(files.lock, "exclusive");
  if (lock === undefined) return false;
  try {
    const unwanted = new Set(await readGarbage(files));
    // Before the records are read: what becomes garbage after that is told anew.
    await rm(files.garbage, { force: true });
    const needed = neededFiles(await records.list(), blobName);
    for (const directory of [files.disksDir, files.archivesDir]) {
      await removeFiles(directory, (name) => !needed.has(name));
    }
    for (const directory of [files.imagesDir, files.referencesDir]) {
      await removeFiles(directory, (name) => name.endsWith(".tmp"));
    }
    await removeFiles(files.blobsDir, async (name, path) => {
      if (needed.has(name)) return false;
      return allBlobs || unwanted.has(name) || nowMs - (await stat(path)).mtimeMs > resumeWindowMs;
    });
    return true;
  } finally {
    await lock.release();
  }
}

/** The names of the unwanted blobs; undefined when no garbage waits. */
async function readGarbage(files: StoreFiles): Promise<string[] | undefined> {
  const text = await readFile(files.garbage, "utf8").catch(() => undefined);
  return text?.split("\n");
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
