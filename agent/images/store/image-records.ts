import { rm, stat } from "node:fs/promises";
import type { Image, ImageConfig } from "../image-service.ts";
import { isDigest } from "../reference.ts";
import { diskName, readRecord, readRecords, type StoreFiles, writeRecord } from "./store-files.ts";

/** What the store keeps of an image beside its names. */
export interface ImageRecord {
  readonly id: string;
  readonly diskKey: string;
  readonly diskBytes: number;
  readonly config: ImageConfig;
  readonly pinned: boolean;
  /** The digests of its blobs, kept so that the next version fetches only what is new. */
  readonly blobs: readonly string[];
}

/** A name and the image it stands for. */
interface ReferenceRecord {
  readonly reference: string;
  readonly imageId: string;
}

/**
 * The index of images: plain files, read anew at each call, so that several processes may use one store. Records are
 * our own and durable before they are named; their shape is trusted, their presence is not.
 */
export class ImageRecords {
  readonly #files: StoreFiles;

  constructor(files: StoreFiles) {
    this.#files = files;
  }

  /** Writes the image first, then its names: a name never leads nowhere after a crash. */
  async put(image: ImageRecord, references: readonly string[]): Promise<void> {
    await writeRecord(this.#files.image(image.id), image);
    await this.name(image.id, references);
  }

  /** Gives an image names, taking them from whatever had them. */
  async name(imageId: string, references: readonly string[]): Promise<void> {
    for (const reference of references) {
      const record: ReferenceRecord = { reference, imageId };
      await writeRecord(this.#files.reference(reference), record);
    }
  }

  /** An image by its id; undefined also where its disk is gone. */
  async get(id: string): Promise<ImageRecord | undefined> {
    if (!isDigest(id)) return undefined;
    const record = asImage(await readRecord(this.#files.image(id)));
    if (record === undefined) return undefined;
    const disk = await stat(this.#files.disk(record.diskKey)).catch(() => undefined);
    return disk === undefined ? undefined : record;
  }

  /** The id of the image with this canonical name. */
  async find(reference: string): Promise<string | undefined> {
    return asReference(await readRecord(this.#files.reference(reference)))?.imageId;
  }

  async list(): Promise<ImageRecord[]> {
    const records = await readRecords(this.#files.imagesDir);
    const images = await Promise.all(records.map(({ record }) => this.get(asImage(record)?.id ?? "")));
    return images.filter((image) => image !== undefined);
  }

  /** The names of every image, by id. */
  async names(): Promise<Map<string, string[]>> {
    const names = new Map<string, string[]>();
    for (const { record } of await readRecords(this.#files.referencesDir)) {
      const reference = asReference(record);
      if (reference === undefined) continue;
      names.set(reference.imageId, [...(names.get(reference.imageId) ?? []), reference.reference]);
    }
    return names;
  }

  /** Removes an image's names, then its record. Its files are for the garbage collection. */
  async delete(id: string): Promise<void> {
    for (const { path, record } of await readRecords(this.#files.referencesDir)) {
      if (asReference(record)?.imageId === id) await rm(path, { force: true });
    }
    await rm(this.#files.image(id), { force: true });
  }

  /** The image as its users see it. */
  toImage(record: ImageRecord, names: readonly string[] = []): Image {
    const sorted = [...names].sort();
    return {
      id: record.id,
      repoTags: sorted.filter((name) => !name.includes("@")),
      repoDigests: sorted.filter((name) => name.includes("@")),
      sizeBytes: record.diskBytes,
      diskPath: this.#files.disk(record.diskKey),
      config: record.config,
      pinned: record.pinned,
    };
  }
}

/** The file names that the images of a store need. */
export function neededFiles(
  images: readonly ImageRecord[],
  blobName: (digest: string) => string,
): Set<string> {
  return new Set(images.flatMap((image) => [diskName(image.diskKey), ...image.blobs.map(blobName)]));
}

function asImage(record: unknown): ImageRecord | undefined {
  // Written by `put` alone; a record of another shape is none.
  return typeof record === "object" && record !== null && "diskKey" in record
    ? (record as ImageRecord)
    : undefined;
}

function asReference(record: unknown): ReferenceRecord | undefined {
  // Written by `name` alone; a record of another shape is none.
  return typeof record === "object" && record !== null && "imageId" in record
    ? (record as ReferenceRecord)
    : undefined;
}
