import { ImageError } from "../image-service.ts";

/** What an image may cost the host. An image beyond a limit is refused with the limit's name and value. */
export interface ImageLimits {
  /** Entries of all layers together. The biggest images in common use have about 300,000. */
  readonly maxEntries: number;
  /**
   * Names in one directory. tar2sqfs and sqfstar take time by its square: 1.2 s for 20,000, 6 s for 40,000, 27 s for
   * 80,000.
   */
  readonly maxDirectoryEntries: number;
  /** Bytes of paths, link targets and extended attributes of all layers together: they are held in memory. */
  readonly maxMetadataBytes: number;
  /** Bytes of all layers together, uncompressed and with sparse files expanded. */
  readonly maxUncompressedBytes: number;
  /** A layer may grow to at most this many times its compressed size … */
  readonly maxCompressionRatio: number;
  /** … which counts from this many uncompressed bytes on. */
  readonly ratioFloorBytes: number;
}

export const defaultLimits: ImageLimits = {
  maxEntries: 500_000,
  maxDirectoryEntries: 50_000,
  maxMetadataBytes: 128 * 2 ** 20,
  maxUncompressedBytes: 64 * 2 ** 30,
  maxCompressionRatio: 200,
  ratioFloorBytes: 2 ** 30,
};

/** Counts what one image has used of its limits. */
export class ImageBudget {
  readonly #limits: ImageLimits;
  #entries = 0;
  #metadataBytes = 0;
  #uncompressedBytes = 0;

  constructor(limits: ImageLimits) {
    this.#limits = limits;
  }

  get uncompressedBytes(): number {
    return this.#uncompressedBytes;
  }

  /** Throws `invalid-image` when one entry more is too many. */
  addEntry(metadataBytes: number): void {
    this.#entries++;
    this.#metadataBytes += metadataBytes;
    if (this.#entries > this.#limits.maxEntries) {
      throw this.#over(`more than ${this.#limits.maxEntries} entries`);
    }
    if (this.#metadataBytes > this.#limits.maxMetadataBytes) {
      throw this.#over(`more than ${this.#limits.maxMetadataBytes} bytes of paths and attributes`);
    }
  }

  /** Throws `invalid-image` when a directory has too many names. */
  checkDirectory(entries: number): void {
    const { maxDirectoryEntries } = this.#limits;
    if (entries > maxDirectoryEntries)
      throw this.#over(`more than ${maxDirectoryEntries} entries in a directory`);
  }

  /** Throws `invalid-image` when the image has grown too large. */
  addUncompressed(bytes: number): void {
    this.#uncompressedBytes += bytes;
    if (this.#uncompressedBytes > this.#limits.maxUncompressedBytes) {
      throw this.#over(`more than ${this.#limits.maxUncompressedBytes} bytes uncompressed`);
    }
  }

  /** Throws `invalid-image` when a layer has grown out of all proportion to what was read of it so far. */
  checkRatio(uncompressedBytes: number, compressedBytes: number): void {
    if (uncompressedBytes < this.#limits.ratioFloorBytes) return;
    if (uncompressedBytes > compressedBytes * this.#limits.maxCompressionRatio) {
      throw this.#over(
        `${uncompressedBytes} bytes from ${compressedBytes} compressed, over ${this.#limits.maxCompressionRatio} times`,
      );
    }
  }

  #over(what: string): ImageError {
    return new ImageError("invalid-image", `image is over this host's limit: ${what}; make it smaller`);
  }
}
