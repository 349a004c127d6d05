import { createHash } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { ImageError } from "../image-service.ts";

/** A range of bytes in a file of the host: a blob, or a part of an archive. */
export interface FileRegion {
  readonly path: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

const chunkSize = 1 << 18;

/** The region's bytes as they are. */
function readRegion(region: FileRegion): ReadStream {
  return createReadStream(region.path, {
    start: region.offset,
    // `end` is inclusive; callers leave empty regions alone.
    end: region.offset + region.sizeBytes - 1,
    highWaterMark: chunkSize,
  });
}

/** Compression by its first bytes: media types are not always true. */
type Compression = "gzip" | "zstd" | "none";

/**
 * The region's bytes, decompressed (gzip, zstd, plain). `onRead` is told after each chunk how many bytes of the region
 * have been read so far. Throws `invalid-image` for broken or unknown compression.
 */
export async function* decompressRegion(
  region: FileRegion,
  onRead: (compressedBytes: number) => void = () => {},
): AsyncGenerator<Uint8Array, void, void> {
  if (region.sizeBytes === 0) return;
  const compression = await detectCompression(region);
  const source = readRegion(region);
  const chunks = compression === "none" ? source : decompressed(source, compression);
  try {
    for await (const chunk of chunks) {
      yield chunk;
      onRead(source.bytesRead);
    }
  } catch (error) {
    // `cause` keeps zlib's own error; a read error of the host's disk is passed on as it is.
    if (compression === "none" || !isZlibError(error)) throw error;
    throw new ImageError("invalid-image", `cannot be decompressed as ${compression}: ${error.message}`, {
      cause: error,
    });
  } finally {
    source.destroy();
  }
}

function decompressed(source: ReadStream, compression: "gzip" | "zstd"): AsyncIterable<Uint8Array> {
  const decompressor =
    compression === "gzip" ? createGunzip({ chunkSize }) : createZstdDecompress({ chunkSize });
  // Errors of either end reach the reader of the decompressor.
  return pipeline(source, decompressor, () => {});
}

/** Whether a file begins as gzip or zstd do. */
export async function isCompressed(region: FileRegion): Promise<boolean> {
  return (await detectCompression(region)) !== "none";
}

async function detectCompression(region: FileRegion): Promise<Compression> {
  const magic = await readStart(region, 6);
  const hex = magic.toString("hex");
  if (hex.startsWith("1f8b")) return "gzip";
  // A zstd frame, or a skippable one before it.
  if (hex.startsWith("28b52ffd") || /^5.2a4d18/.test(hex)) return "zstd";
  if (hex === "fd377a585a00" || hex.startsWith("425a68")) {
    throw new ImageError(
      "invalid-image",
      "compressed with xz or bzip2; expected gzip, zstd or none: build the image anew with one of these",
    );
  }
  return "none";
}

async function readStart(region: FileRegion, bytes: number): Promise<Buffer> {
  const file = await open(region.path, "r");
  try {
    const buffer = Buffer.alloc(Math.min(bytes, region.sizeBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, region.offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && /^(Z_|ZSTD_|ERR_)/.test(String(error.code));
}

/** The digest of a region's bytes, by the algorithm of `like`. */
export async function digestOfRegion(region: FileRegion, like: string): Promise<string> {
  const [algorithm = ""] = like.split(":");
  const hash = createHash(algorithm);
  if (region.sizeBytes > 0) {
    for await (const chunk of readRegion(region)) hash.update(chunk);
  }
  return `${algorithm}:${hash.digest("hex")}`;
}
