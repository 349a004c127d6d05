import { createHash } from "node:crypto";
import { ImageError } from "../image-service.ts";
import { choosePlatform, type Descriptor, type Manifest, parseManifest } from "../manifest.ts";
import { type Platform, platformMatches } from "../platform.ts";
import type { ArchiveIndex } from "./archive-index.ts";
import { type ArchivedImage, maxDocumentBytes } from "./archived-image.ts";

const maxIndexDepth = 3;

/** The images of an OCI image layout that fit the platform. Throws `invalid-image`, or `not-found` if none fits. */
export async function readOciLayout(archive: ArchiveIndex, host: Platform): Promise<ArchivedImage[]> {
  const index = parseManifest(await archive.text("index.json", maxDocumentBytes));
  if (index.kind !== "index") throw new ImageError("invalid-image", "index.json in the archive is no index");
  let fitting = index.manifests.filter(
    ({ platform }) => platform === undefined || platformMatches(host, platform),
  );
  if (fitting.length === 0) fitting = [choosePlatform(index.manifests, host)];
  const images = new Map<string, ArchivedImage>();
  for (const descriptor of fitting) {
    const image = await readImage(archive, descriptor, host);
    const names = [...(images.get(descriptor.digest)?.names ?? []), ...image.names];
    images.set(descriptor.digest, { ...image, names });
  }
  return [...images.values()];
}

async function readImage(archive: ArchiveIndex, top: Descriptor, host: Platform): Promise<ArchivedImage> {
  let manifest: Manifest = parseManifest(await document(archive, top));
  for (let depth = 0; manifest.kind === "index"; depth++) {
    if (depth === maxIndexDepth) throw new ImageError("invalid-image", "indexes are nested too deep");
    manifest = parseManifest(await document(archive, choosePlatform(manifest.manifests, host)));
  }
  const { annotations } = top;
  const name = annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"];
  return {
    id: manifest.config.digest,
    configText: await document(archive, manifest.config),
    layers: manifest.layers.map((layer) => ({
      ...archive.region(blobPath(layer)),
      name: layer.digest,
      digest: layer.digest,
    })),
    names: name === undefined ? [] : [name],
    manifestDigest: top.digest,
  };
}

async function document(archive: ArchiveIndex, descriptor: Descriptor): Promise<string> {
  const text = await archive.text(blobPath(descriptor), maxDocumentBytes);
  const [algorithm = ""] = descriptor.digest.split(":");
  const actual = `${algorithm}:${createHash(algorithm).update(text).digest("hex")}`;
  if (actual === descriptor.digest) return text;
  throw new ImageError(
    "invalid-image",
    `${blobPath(descriptor)} in the archive has the digest ${actual}, expected ${descriptor.digest}`,
  );
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}
