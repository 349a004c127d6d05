import { createHash } from "node:crypto";
import { ImageError } from "../image-service.ts";
import type { LayerEntry } from "./entry.ts";
import { decompressRegion, type FileRegion } from "./file-region.ts";
import type { ImageBudget } from "./limits.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { readTar } from "./tar-reader.ts";

/** One layer of an image as it lies on the host. */
export interface Layer extends FileRegion {
  /** How messages name it: its digest, or its name in an archive. */
  readonly name: string;
  /** The digest of its uncompressed bytes, from the image's configuration. */
  readonly diffId: string;
}

export interface IndexOptions {
  readonly budget: ImageBudget;
  readonly signal: AbortSignal;
  readonly onRead: (compressedBytes: number) => void;
}

/**
 * The first pass over a layer: reads it whole, verifies its diffID and returns its entries without their content.
 * Throws `invalid-image` for a broken layer, another diffID, or more than the budget has.
 */
export async function indexLayer(layer: Layer, options: IndexOptions): Promise<readonly LayerEntry[]> {
  const { budget, signal } = options;
  const [algorithm = ""] = layer.diffId.split(":");
  const hash = createHash(algorithm);
  let uncompressedBytes = 0;
  async function* hashed(): AsyncGenerator<Uint8Array, void, void> {
    let compressedBytes = 0;
    const onRead = (bytes: number): void => {
      compressedBytes = bytes;
      options.onRead(bytes);
    };
    for await (const chunk of decompressRegion(layer, onRead)) {
      signal.throwIfAborted();
      hash.update(chunk);
      uncompressedBytes += chunk.length;
      budget.addUncompressed(chunk.length);
      budget.checkRatio(uncompressedBytes, Math.max(compressedBytes, 1));
      yield chunk;
    }
  }
  const cursor = new StreamCursor(hashed());
  try {
    const entries = await readEntries(cursor, budget);
    // What follows the archive's end counts for the diffID too.
    await cursor.skip(Number.MAX_SAFE_INTEGER);
    checkDiffId(layer, `${algorithm}:${hash.digest("hex")}`);
    return entries;
  } finally {
    await cursor.close();
  }
}

async function readEntries(cursor: StreamCursor, budget: ImageBudget): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  for await (const entry of readTar(cursor)) {
    budget.addEntry(metadataBytes(entry));
    budget.addUncompressed(entry.data.sizeBytes - entry.data.storedBytes);
    entries.push(entry);
  }
  return entries;
}

function metadataBytes({ path, linkName, attributes, data }: LayerEntry): number {
  let bytes = path.length + linkName.length + 16 * (data.pieces?.length ?? 0);
  for (const [name, value] of attributes.xattrs ?? []) bytes += name.length + value.length;
  return bytes;
}

function checkDiffId(layer: Layer, actual: string): void {
  if (actual === layer.diffId) return;
  throw new ImageError(
    "invalid-image",
    `unpacks to ${actual}, expected the diffID ${layer.diffId} of the image's configuration; build and push the image anew`,
  );
}
