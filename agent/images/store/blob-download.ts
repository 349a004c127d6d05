import { rename, rm, stat } from "node:fs/promises";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { ImageError } from "../image-service.ts";
import type { Descriptor } from "../manifest.ts";
import type { BlobStream } from "../registry/registry-client.ts";
import { retryUnavailable } from "../registry/retry.ts";
import { fileLock } from "./file-lock.ts";
import { PartialBlob } from "./partial-blob.ts";
import type { StoreFiles } from "./store-files.ts";

export interface BlobDownloadOptions {
  readonly files: StoreFiles;
  readonly open: (digest: string, offset: number, signal: AbortSignal) => Promise<BlobStream>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told how many bytes of the blob are here. */
  readonly onProgress: (doneBytes: number) => void;
}

const attempts = 6;

/**
 * Brings a blob into the store, verified and durable, unless it is there. What an attempt, or another process, left of
 * it is gone on with. Throws {@link ImageError}; what came so far stays for the next time.
 */
export async function downloadBlob(blob: Descriptor, options: BlobDownloadOptions): Promise<void> {
  const { files, signal, onProgress } = options;
  const path = files.blob(blob.digest);
  const partialPath = `${path}.partial`;
  if (!(await isComplete(path, blob))) {
    const lock = await fileLock(partialPath, "exclusive", signal);
    try {
      // Another process may have had the lock to the end of the same download.
      if (await isComplete(path, blob)) {
        await rm(partialPath, { force: true });
      } else {
        const partial = await PartialBlob.resume(lock.handle, blob.digest);
        await completeOrRemove(partial, blob, partialPath, options);
        await partial.sync();
        await rename(partialPath, path);
      }
    } finally {
      await lock.release();
    }
  }
  onProgress(blob.sizeBytes);
}

async function isComplete(path: string, blob: Descriptor): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.size === blob.sizeBytes;
}

async function completeOrRemove(
  partial: PartialBlob,
  blob: Descriptor,
  partialPath: string,
  options: BlobDownloadOptions,
): Promise<void> {
  const hadBytes = partial.length > 0;
  const { clock, signal } = options;
  const attempt = (): Promise<void> => fillPartial(partial, blob, options);
  try {
    await retryUnavailable(attempt, { attempts, clock, signal });
    if (partial.digest() !== blob.digest && hadBytes) {
      // The bytes of an earlier run were not those of this blob, or did not survive: once more from the start.
      await partial.restart();
      await retryUnavailable(attempt, { attempts, clock, signal });
    }
    if (partial.digest() === blob.digest) return;
    throw new ImageError(
      "invalid-image",
      `layer has the digest ${partial.digest()}, expected ${blob.digest}: the registry or a proxy before it is broken`,
    );
  } catch (error) {
    if (error instanceof ImageError && error.kind === "invalid-image") await rm(partialPath, { force: true });
    throw error;
  }
}

async function fillPartial(
  partial: PartialBlob,
  blob: Descriptor,
  options: BlobDownloadOptions,
): Promise<void> {
  if (partial.length > blob.sizeBytes) await partial.restart();
  if (partial.length === blob.sizeBytes) return;
  const { offset, chunks } = await options.open(blob.digest, partial.length, options.signal);
  if (offset !== partial.length) await partial.restart();
  for await (const chunk of chunks) {
    if (partial.length + chunk.length > blob.sizeBytes) {
      throw new ImageError(
        "invalid-image",
        `layer ${blob.digest} is longer than the ${blob.sizeBytes} bytes that the manifest says`,
      );
    }
    await partial.append(chunk);
    options.onProgress(partial.length);
  }
  if (partial.length < blob.sizeBytes) {
    throw new ImageError(
      "unavailable",
      `registry ended layer ${blob.digest} after ${partial.length} of ${blob.sizeBytes} bytes`,
    );
  }
}
