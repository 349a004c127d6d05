import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isFileMissing } from "../../../supervisor/base/errors.ts";
import { writeFileAtomic } from "../../../supervisor/base/write-file-atomic.ts";

/**
 * Where the store keeps what, all of it below one folder:
 *
 *     lock                         shared by whoever pulls or imports, exclusive for removing files
 *     garbage                      there as long as files wait for their removal; names unwanted blobs
 *     blobs/sha256-<hex>           layers of pulled images, verified; .partial while they are fetched
 *     disks/<key>.squashfs         one per content, see `diskKey`; .tmp while they are written
 *     images/<hex>.json            one record per image
 *     references/<hash>.json       one record per name, so that a name moves by one rename
 *     archives/                    compressed archives, unpacked while they are imported
 */
export class StoreFiles {
  readonly dataDir: string;

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  /** Makes the folders. Guests' QEMUs open disks by their path, so others may pass, but not list. */
  async create(): Promise<void> {
    await mkdir(this.dataDir, { recursive: true, mode: 0o711 });
    await mkdir(this.disksDir, { recursive: true, mode: 0o711 });
    for (const directory of [this.blobsDir, this.imagesDir, this.referencesDir, this.archivesDir]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
  }

  get lock(): string {
    return join(this.dataDir, "lock");
  }

  get garbage(): string {
    return join(this.dataDir, "garbage");
  }

  get blobsDir(): string {
    return join(this.dataDir, "blobs");
  }

  get disksDir(): string {
    return join(this.dataDir, "disks");
  }

  get imagesDir(): string {
    return join(this.dataDir, "images");
  }

  get referencesDir(): string {
    return join(this.dataDir, "references");
  }

  get archivesDir(): string {
    return join(this.dataDir, "archives");
  }

  blob(digest: string): string {
    return join(this.blobsDir, blobName(digest));
  }

  disk(key: string): string {
    return join(this.disksDir, diskName(key));
  }

  image(id: string): string {
    return join(this.imagesDir, `${fileName(id)}.json`);
  }

  reference(reference: string): string {
    return join(this.referencesDir, `${createHash("sha256").update(reference).digest("hex")}.json`);
  }
}

/** The name of a blob's file; digests are checked where they come in, so this never holds a path. */
export function blobName(digest: string): string {
  return fileName(digest);
}

export function diskName(key: string): string {
  return `${key}.squashfs`;
}

function fileName(digest: string): string {
  const name = digest.replace(":", "-");
  if (!/^[a-z0-9]+-[0-9a-f]+$/.test(name)) throw new TypeError(`Not a digest: ${digest}`);
  return name;
}

/** Writes a record whole and durable, or not at all. */
export async function writeRecord(path: string, record: object): Promise<void> {
  await writeFileAtomic(path, JSON.stringify(record), 0o600);
}

/** A record's content, or undefined where there is none. A broken one counts as none: pulling again makes it anew. */
export async function readRecord(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (isFileMissing(error)) return undefined;
    throw error;
  }
}

/** The records in a folder with their paths. */
export async function readRecords(directory: string): Promise<{ path: string; record: unknown }[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".json"));
  return await Promise.all(
    names.map(async (name) => ({
      path: join(directory, name),
      record: await readRecord(join(directory, name)),
    })),
  );
}
