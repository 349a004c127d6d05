import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ArchiveIndex } from "./archive/archive-index.ts";
import type { ArchivedImage } from "./archive/archived-image.ts";
import { readDockerArchive } from "./archive/docker-archive.ts";
import { readOciLayout } from "./archive/oci-layout.ts";
import { parseImageConfig } from "./image-config.ts";
import { ImageError, type ImportOptions } from "./image-service.ts";
import { decompressRegion, digestOfRegion, type FileRegion, isCompressed } from "./layers/file-region.ts";
import { ImageBudget } from "./layers/limits.ts";
import { formatReference, parseReference, repositoryName } from "./reference.ts";
import { ensureDisk } from "./store/ensure-disk.ts";
import type { StoreContext } from "./store/store-context.ts";

/** Brings an archive's images into the store, pinned, and returns their ids. Throws {@link ImageError}. */
export async function importIntoStore(
  context: StoreContext,
  path: string,
  signal: AbortSignal,
  options: ImportOptions,
): Promise<string[]> {
  const file = await regionOf(path);
  const unpackedPath = join(context.files.archivesDir, `${crypto.randomUUID()}.tar`);
  try {
    const plain = (await isCompressed(file)) ? await unpack(context, file, unpackedPath, signal) : file;
    const archive = await ArchiveIndex.read(plain, signal);
    const images = await readImages(archive, context);
    if (options.name !== undefined && images.length > 1) {
      throw new ImageError(
        "invalid-name",
        `archive holds ${images.length} images, one name does not fit them all`,
      );
    }
    const ids: string[] = [];
    for (const image of images) ids.push(await importImage(context, image, signal, options));
    return ids;
  } finally {
    await rm(unpackedPath, { force: true });
  }
}

async function regionOf(path: string): Promise<FileRegion> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new ImageError("not-found", `no file ${path}: check the path`, { cause });
  });
  if (!found.isFile()) throw new ImageError("invalid-image", `${path} is no file`);
  return { path, offset: 0, sizeBytes: found.size };
}

async function unpack(
  context: StoreContext,
  file: FileRegion,
  unpackedPath: string,
  signal: AbortSignal,
): Promise<FileRegion> {
  const budget = new ImageBudget(context.limits);
  let sizeBytes = 0;
  async function* limited(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of decompressRegion(file)) {
      sizeBytes += chunk.length;
      budget.addUncompressed(chunk.length);
      budget.checkRatio(sizeBytes, file.sizeBytes);
      yield chunk;
    }
  }
  await pipeline(limited(), createWriteStream(unpackedPath, { flags: "wx", mode: 0o600 }), { signal });
  return { path: unpackedPath, offset: 0, sizeBytes };
}

async function readImages(archive: ArchiveIndex, { platform }: StoreContext): Promise<ArchivedImage[]> {
  // Newer versions of `docker save` write both; the layout has digests to verify.
  if (archive.has("index.json")) return await readOciLayout(archive, platform);
  if (archive.has("manifest.json")) return await readDockerArchive(archive);
  throw new ImageError(
    "invalid-image",
    "archive is neither an OCI layout (index.json) nor from docker save (manifest.json)",
  );
}

async function importImage(
  context: StoreContext,
  image: ArchivedImage,
  signal: AbortSignal,
  options: ImportOptions,
): Promise<string> {
  const { records, platform } = context;
  const { id, layers } = image;
  const names = namesOf(image, options.name);
  const { config, diffIds } = parseImageConfig(image.configText, layers.length, platform);
  const disk = await ensureDisk(
    context,
    layers.map((layer, index) => ({ ...layer, diffId: diffIds[index] ?? "" })),
    {
      signal,
      layerReady: async (index) => {
        const layer = layers[index];
        if (layer?.digest !== undefined) await verifyLayer(layer, layer.digest);
      },
      onProgress: (doneBytes, totalBytes) =>
        options.onProgress?.({ phase: "unpacking", doneBytes, totalBytes }),
    },
  );
  const blobs = (await records.get(id))?.blobs ?? [];
  await records.put({ id, ...disk, config, pinned: true, blobs }, names);
  return id;
}

async function verifyLayer(layer: FileRegion, digest: string): Promise<void> {
  const actual = await digestOfRegion(layer, digest);
  if (actual === digest) return;
  throw new ImageError(
    "invalid-image",
    `layer has the digest ${actual}, expected ${digest}: the archive is damaged`,
  );
}

/** The canonical names, with the repository's digest for images that have a manifest. */
function namesOf({ names, manifestDigest }: ArchivedImage, given: string | undefined): string[] {
  // An annotation may hold no more than a tag (`latest`, `v1`, `1.27`), which names no image.
  const whole = names.filter((name) => !/^(latest|v?[0-9][\w.-]*)$/.test(name));
  const references = (given === undefined ? whole : [given]).map(parseReference);
  return references.flatMap((reference) => [
    formatReference(reference),
    ...(manifestDigest === undefined ? [] : [`${repositoryName(reference)}@${manifestDigest}`]),
  ]);
}
