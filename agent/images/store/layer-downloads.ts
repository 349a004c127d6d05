import type { Descriptor } from "../manifest.ts";

/** Downloads the blobs of one image, a few at a time, from the lowest layer up; equal ones once. */
export class LayerDownloads {
  readonly #results = new Map<string, Promise<void>>();
  readonly #doneBytes = new Map<string, number>();
  readonly #totalBytes: number;
  readonly #onProgress: (doneBytes: number, totalBytes: number) => void;

  /** Begins at once. `download` reports how many bytes of its blob are here. */
  constructor(
    layers: readonly Descriptor[],
    parallel: number,
    download: (layer: Descriptor, onBytes: (bytes: number) => void) => Promise<void>,
    onProgress: (doneBytes: number, totalBytes: number) => void,
  ) {
    this.#onProgress = onProgress;
    const distinct = new Map(layers.map((layer) => [layer.digest, layer]));
    this.#totalBytes = [...distinct.values()].reduce((sum, layer) => sum + layer.sizeBytes, 0);
    const pending = [...distinct.values()].map((layer) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#results.set(layer.digest, promise);
      // Whoever awaits it gets the rejection, perhaps later; until then it is not unhandled.
      promise.catch(() => {});
      return { layer, resolve };
    });
    const worker = async (): Promise<void> => {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        const { layer, resolve } = next;
        const result = download(layer, (bytes) => this.#report(layer.digest, bytes));
        resolve(result);
        await result.catch(() => {});
      }
    };
    for (let started = 0; started < parallel; started++) void worker();
  }

  /** Resolves when that blob is here; rejects as its download does. */
  async ready(digest: string): Promise<void> {
    await this.#results.get(digest);
  }

  /** Whether every byte is here. */
  get complete(): boolean {
    return [...this.#doneBytes.values()].reduce((sum, bytes) => sum + bytes, 0) >= this.#totalBytes;
  }

  /** Resolves when no download is running any more, however they ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#results.values());
  }

  #report(digest: string, bytes: number): void {
    this.#doneBytes.set(digest, bytes);
    const done = [...this.#doneBytes.values()].reduce((sum, each) => sum + each, 0);
    this.#onProgress(done, this.#totalBytes);
  }
}
