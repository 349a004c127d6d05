import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { Image, ImageService } from "../../images/image-service.ts";
import type { FileSystemUsage } from "../../runtime/pod-sandbox-stats.ts";

/** The kubelet's `imageGCHighThresholdPercent`, `imageGCLowThresholdPercent`, `imageMinimumGCAge`, `ImageGCPeriod`. */
const highPercent = 85;
const lowPercent = 80;
const minAgeMs = 2 * 60_000;
const periodMs = 5 * 60_000;

/** What is asked of the file system that holds the images. */
export type ImageDisk = Pick<FileSystemUsage, "capacityBytes" | "availableBytes">;

export interface ImageGarbageOptions {
  readonly images: Pick<ImageService, "listImages" | "removeImage">;
  /** The ids and names of images that containers have, ended ones too, or Pods ask for. */
  readonly used: () => ReadonlySet<string>;
  readonly disk: () => Promise<ImageDisk>;
  /** Records a warning about the node. */
  readonly warn: (reason: string, message: string) => void;
  /** Told of each image that went. */
  readonly collected: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Seen {
  readonly firstMs: number;
  /** 0: not since this daemon started. */
  usedMs: number;
}

/**
 * Removes images that nothing uses when the disk fills up, those first that were not used for longest (kubelet
 * `ImageGCManager`). Never one that was imported by hand, and none in the first two minutes.
 */
export class ImageGarbage {
  readonly #options: ImageGarbageOptions;
  readonly #seen = new Map<string, Seen>();
  /** The first failure is not told: what is wanted may be gone by itself the next time. */
  #failedBefore = false;

  constructor(options: ImageGarbageOptions) {
    this.#options = options;
  }

  /** Looks every five minutes until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.collect();
      await clockSleep(this.#options.clock, periodMs, signal);
    }
  }

  /** Frees down to the low threshold where the high one is passed. Never throws. */
  async collect(): Promise<void> {
    const { disk, warn, logger } = this.#options;
    try {
      const candidates = await this.#unused();
      const { capacityBytes, availableBytes } = await disk();
      if (capacityBytes === 0) {
        warn("InvalidDiskCapacity", "invalid capacity 0 on image filesystem");
        return;
      }
      const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes);
      if (usedPercent < highPercent) {
        this.#failedBefore = false;
        return;
      }
      const wantedBytes = Math.floor((capacityBytes * (100 - lowPercent)) / 100) - availableBytes;
      this.#tell(wantedBytes, await this.#free(candidates, wantedBytes));
    } catch (error) {
      logger.warn("Image garbage collection failed, trying again later", { error: asError(error) });
    }
  }

  /** Removes all that nothing uses, for a disk that is under pressure; returns the bytes. Throws what a removal throws. */
  async freeUnused(): Promise<number> {
    return await this.#free(await this.#unused(), Number.POSITIVE_INFINITY);
  }

  #tell(wantedBytes: number, freedBytes: number): void {
    const failed = freedBytes < wantedBytes;
    if (failed) {
      const text = `Failed to garbage collect required amount of images. Attempted to free ${wantedBytes} bytes, but only found ${freedBytes} bytes eligible to free.`;
      this.#options.warn("FreeDiskSpaceFailed", text);
      if (this.#failedBefore) this.#options.warn("ImageGCFailed", text);
    }
    this.#failedBefore = failed;
  }

  /** What may go, the longest unused first. */
  async #unused(): Promise<readonly Image[]> {
    const { images, used, clock } = this.#options;
    const nowMs = clock.now();
    const all = await images.listImages();
    const usedNow = used();
    const ids = new Set(all.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    const unused = all.filter((image) => {
      const seen = this.#seenOf(image.id, nowMs);
      const isUsed = [image.id, ...image.repoTags, ...image.repoDigests].some((name) => usedNow.has(name));
      if (isUsed) seen.usedMs = nowMs;
      return !isUsed && !image.pinned && nowMs - seen.firstMs >= minAgeMs;
    });
    const order = ({ id }: Image): Seen => this.#seenOf(id, nowMs);
    return unused.sort((a, b) => order(a).usedMs - order(b).usedMs || order(a).firstMs - order(b).firstMs);
  }

  #seenOf(id: string, nowMs: number): Seen {
    const seen = this.#seen.get(id) ?? { firstMs: nowMs, usedMs: 0 };
    this.#seen.set(id, seen);
    return seen;
  }

  async #free(candidates: readonly Image[], wantedBytes: number): Promise<number> {
    const { images, collected, logger } = this.#options;
    let freedBytes = 0;
    for (const image of candidates) {
      if (freedBytes >= wantedBytes) break;
      logger.info("Removing an image that nothing uses", { image: image.repoTags[0] ?? image.id });
      await images.removeImage(image.id);
      collected();
      freedBytes += image.sizeBytes;
    }
    return freedBytes;
  }
}
