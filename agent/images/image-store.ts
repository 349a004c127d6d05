import { createHash } from "node:crypto";
import { type Clock, systemClock } from "../../supervisor/base/clock.ts";
import type { Logger } from "../../supervisor/base/logging.ts";
import { importIntoStore } from "./archive-importer.ts";
import { asImageError } from "./image-fault.ts";
import { pullIntoStore } from "./image-puller.ts";
import {
  type Image,
  ImageError,
  type ImageService,
  type ImportOptions,
  type PullOptions,
  type PullProgress,
} from "./image-service.ts";
import { defaultLimits, type ImageLimits } from "./layers/limits.ts";
import { type StartTool, startTool } from "./layers/tool-process.ts";
import { hostPlatform, type Platform } from "./platform.ts";
import { formatReference, isDigest, parseReference } from "./reference.ts";
import { defaultRegistries, type Registries } from "./registry/registry-hosts.ts";
import type { Fetch } from "./registry/send-request.ts";
import { fileLock } from "./store/file-lock.ts";
import { collectGarbage, collectWaitingGarbage } from "./store/garbage-collection.ts";
import { ImageRecords } from "./store/image-records.ts";
import { SharedWork } from "./store/shared-work.ts";
import type { StoreContext } from "./store/store-context.ts";
import { StoreFiles } from "./store/store-files.ts";

export interface ImageStoreOptions {
  /** The store's own folder; made if absent. Several processes may use one at the same time. */
  readonly dataDir: string;
  readonly logger: Logger;
  readonly platform?: Platform;
  /** How registries are reached where the defaults are not right. */
  readonly registries?: () => Registries;
  readonly limits?: ImageLimits;
  /** A registry that says nothing for so long is given up; 30 s by default. */
  readonly stallTimeoutMs?: number;
  readonly fetch?: Fetch;
  readonly startTool?: StartTool;
  readonly clock?: Clock;
}

const defaultStallTimeoutMs = 30_000;

/** Images on this host: pulled or imported, unpacked to disks, listed, removed. Crash-safe without any shutdown. */
export class ImageStore implements ImageService {
  readonly #context: StoreContext;
  readonly #pulls = new SharedWork<string, PullProgress>();
  #opened: Promise<void> | undefined;

  constructor(options: ImageStoreOptions) {
    const files = new StoreFiles(options.dataDir);
    this.#context = {
      files,
      records: new ImageRecords(files),
      logger: options.logger,
      platform: options.platform ?? hostPlatform(),
      registries: options.registries ?? (() => defaultRegistries),
      limits: options.limits ?? defaultLimits,
      stallTimeoutMs: options.stallTimeoutMs ?? defaultStallTimeoutMs,
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      startTool: options.startTool ?? startTool,
      clock: options.clock ?? systemClock,
    };
  }

  async pullImage(reference: string, options: PullOptions): Promise<Image> {
    const parsed = parseReference(reference);
    const name = formatReference(parsed);
    const { auth, signal, onProgress } = options;
    // Whoever has other credentials asks the registry for himself.
    const secret = createHash("sha256")
      .update(JSON.stringify([auth?.username, auth?.password]))
      .digest("hex");
    return await this.#guarded(`failed to pull and unpack image "${name}"`, signal, async () => {
      const id = await this.#pulls.run(`${name} ${secret}`, { signal, onProgress }, (shared, report) =>
        this.#sharing(shared, () =>
          pullIntoStore(this.#context, { reference: parsed, auth, signal: shared, onProgress: report }),
        ),
      );
      return await this.#existing(id);
    });
  }

  async importArchive(
    path: string,
    signal: AbortSignal,
    options: ImportOptions = {},
  ): Promise<readonly Image[]> {
    return await this.#guarded(`failed to import ${path}`, signal, async () => {
      const ids = await this.#sharing(signal, () => importIntoStore(this.#context, path, signal, options));
      return await Promise.all(ids.map((id) => this.#existing(id)));
    });
  }

  async imageStatus(reference: string): Promise<Image | undefined> {
    await this.#open();
    const { records } = this.#context;
    const record = await records.get((await this.#idOf(reference)) ?? "");
    if (record === undefined) return undefined;
    return records.toImage(record, (await records.names()).get(record.id));
  }

  async listImages(): Promise<readonly Image[]> {
    await this.#open();
    const { records } = this.#context;
    const [images, names] = await Promise.all([records.list(), records.names()]);
    return images.map((record) => records.toImage(record, names.get(record.id)));
  }

  async removeImage(reference: string): Promise<void> {
    await this.#open();
    const { records } = this.#context;
    const id = await this.#idOf(reference);
    if (id === undefined) return;
    const blobs = (await records.get(id))?.blobs ?? [];
    await records.delete(id);
    await this.#collect(blobs);
  }

  /** Names an image's id, or a part-less name for it: the id itself with or without `sha256:`, or a reference. */
  async #idOf(reference: string): Promise<string | undefined> {
    if (isDigest(reference)) return reference;
    if (isDigest(`sha256:${reference}`)) return `sha256:${reference}`;
    return await this.#context.records.find(formatReference(parseReference(reference)));
  }

  async #existing(id: string): Promise<Image> {
    const image = await this.imageStatus(id);
    if (image === undefined)
      throw new ImageError("unavailable", "the image was removed at the same time; try again");
    return image;
  }

  /** Runs what adds files; as long as it does, no file is removed by anyone, and what was to be goes at its end. */
  async #sharing<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const { files, records, clock } = this.#context;
    const lock = await fileLock(files.lock, "shared", signal);
    try {
      return await run();
    } finally {
      await lock.release();
      await collectWaitingGarbage(files, records, clock.now());
    }
  }

  async #collect(unwantedBlobs: readonly string[] | "all"): Promise<void> {
    const { files, records, clock } = this.#context;
    await collectGarbage(files, records, { nowMs: clock.now(), unwantedBlobs });
  }

  async #open(): Promise<void> {
    this.#opened ??= this.#context.files.create().then(() => this.#collect([]));
    try {
      await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw asImageError(error, this.#context.files.dataDir);
    }
  }

  async #guarded<T>(failure: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      await this.#open();
      return await run();
    } catch (error) {
      const known = signal.aborted
        ? new ImageError("aborted", "stopped before it was done", { cause: error })
        : asImageError(error, this.#context.files.dataDir);
      // What was fetched for nothing must not keep the disk full.
      if (known.kind === "no-space") await this.#collect("all").catch(() => {});
      throw new ImageError(known.kind, `${failure}: ${known.message}`, { cause: known });
    }
  }
}
