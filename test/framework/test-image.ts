import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { buildTar, type TarSpec } from "./tar-builder.ts";

export interface TestImageOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly compression?: "gzip" | "zstd" | "none";
  readonly architecture?: string;
  readonly variant?: string;
  /** Docker's media types instead of OCI's. */
  readonly docker?: boolean;
  /** Changes the documents on their way, to lie in them. */
  readonly forge?: (image: { manifest: Record<string, unknown>; config: Record<string, unknown> }) => void;
}

export interface TestDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An image in memory: its blobs by digest, the manifest among them. */
export interface TestImage {
  readonly manifest: TestDescriptor;
  readonly config: TestDescriptor;
  readonly layers: readonly TestDescriptor[];
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** The layers' uncompressed archives. */
  readonly tars: readonly Buffer[];
}

/** Makes an image of layers, each given by its entries or as a ready archive. */
export function makeImage(
  layers: readonly (readonly TarSpec[] | Buffer)[],
  options: TestImageOptions = {},
): TestImage {
  const { compression = "gzip", docker = false, architecture = "amd64", variant } = options;
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, content: Buffer): TestDescriptor => {
    const digest = sha256(content);
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const tars = layers.map((layer) => (Buffer.isBuffer(layer) ? layer : buildTar(layer)));
  const layerType = docker
    ? "application/vnd.docker.image.rootfs.diff.tar.gzip"
    : `application/vnd.oci.image.layer.v1.tar${compression === "none" ? "" : `+${compression}`}`;
  const descriptors = tars.map((tar) => add(layerType, compress(tar, compression)));
  const config: Record<string, unknown> = {
    ...{ architecture, os: "linux", config: options.config ?? {} },
    ...(variant === undefined ? {} : { variant }),
    rootfs: { type: "layers", diff_ids: tars.map(sha256) },
  };
  const manifest: Record<string, unknown> = {
    schemaVersion: 2,
    mediaType: docker
      ? "application/vnd.docker.distribution.manifest.v2+json"
      : "application/vnd.oci.image.manifest.v1+json",
    layers: descriptors,
  };
  options.forge?.({ manifest, config });
  const configDescriptor = add(
    docker ? "application/vnd.docker.container.image.v1+json" : "application/vnd.oci.image.config.v1+json",
    Buffer.from(JSON.stringify(config)),
  );
  const whole = { config: configDescriptor, ...manifest };
  const descriptor = add(String(manifest.mediaType), Buffer.from(JSON.stringify(whole)));
  return { manifest: descriptor, config: configDescriptor, layers: descriptors, blobs, tars };
}

/** An OCI layout as a tar archive; each image under its name. */
export function ociArchive(images: Readonly<Record<string, TestImage>>): Buffer {
  const blobs = new Map(Object.values(images).flatMap((image) => [...image.blobs]));
  const manifests = Object.entries(images).map(([name, { manifest }]) => ({
    ...manifest,
    annotations: { "org.opencontainers.image.ref.name": name },
  }));
  return buildTar([
    { path: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests }) },
    ...[...blobs].map(([digest, content]) => ({ path: `blobs/${digest.replace(":", "/")}`, content })),
  ]);
}

/** What `docker save` wrote before it knew OCI layouts. */
export function dockerArchive(images: Readonly<Record<string, TestImage>>): Buffer {
  const items = Object.entries(images).map(([name, { config, tars }]) => ({
    ...{ Config: `${config.digest.slice(7)}.json`, RepoTags: [name] },
    Layers: tars.map((tar) => `${sha256(tar).slice(7)}/layer.tar`),
  }));
  const files = Object.values(images).flatMap(({ config, blobs, tars }) => [
    { path: `${config.digest.slice(7)}.json`, content: blobs.get(config.digest) ?? "" },
    ...tars.map((tar) => ({ path: `${sha256(tar).slice(7)}/layer.tar`, content: tar })),
  ]);
  return buildTar([...files, { path: "manifest.json", content: JSON.stringify(items) }]);
}

export function sha256(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function compress(content: Buffer, compression: "gzip" | "zstd" | "none"): Buffer {
  if (compression === "gzip") return gzipSync(content);
  return compression === "zstd" ? zstdCompressSync(content) : content;
}
