import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { V1Pod } from "../../../supervisor/api/generated/types.ts";
import { type Clock, clockSleep } from "../../../supervisor/base/clock.ts";
import { asError } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import { podKey } from "./pod-source.ts";

/** The folder is read again after this also where no change was told (kubelet `fileCheckFrequency`). */
const rereadMs = 20_000;
/** A file that was just begun gets this long before it is read. */
const settleMs = 100;
/** No manifest is larger: a file that is has found its way here by mistake (the API's own limit of a request). */
const maxBytes = 3 * 1024 * 1024;

interface ManifestFile {
  readonly version: string;
  /** Absent where the file never was a Pod. */
  readonly pod?: V1Pod;
}

export interface ManifestFolderOptions {
  readonly path: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with all Pods of the folder: at first, then whenever one came, went or changed. */
  readonly onPods: (pods: readonly V1Pod[]) => void;
}

/**
 * Follows a folder with a manifest of a Pod in each file, YAML or JSON; names that begin with a dot are passed over. A file
 * that is no valid Pod at the moment leaves the Pod that it was before as it is: an editor may be at work on it.
 */
export class ManifestFolder {
  readonly #options: ManifestFolderOptions;
  #files = new Map<string, ManifestFile>();
  #wake: (() => void) | undefined;
  #dirty = false;

  constructor(options: ManifestFolderOptions) {
    this.#options = options;
  }

  /** Reads until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { path, clock } = this.#options;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const watcher = this.#watch();
    await this.#read(true);
    while (!signal.aborted) {
      await this.#pause(signal);
      await clockSleep(clock, settleMs, signal);
      this.#dirty = false;
      if (!signal.aborted) await this.#read(false);
    }
    watcher?.close();
  }

  #watch(): FSWatcher | undefined {
    const { path, logger } = this.#options;
    try {
      const watcher = watch(path, () => {
        this.#dirty = true;
        this.#wake?.();
      });
      watcher.on("error", (error) => logger.warn("Cannot watch the folder of manifests", { path, error }));
      return watcher;
    } catch (error) {
      logger.warn("Cannot watch the folder of manifests, reading it once in a while", {
        path,
        error: asError(error),
      });
      return undefined;
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (this.#dirty) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await clockSleep(this.#options.clock, rereadMs, AbortSignal.any([signal, woken.signal]));
    this.#wake = undefined;
  }

  async #read(isFirst: boolean): Promise<void> {
    const { path, logger, onPods } = this.#options;
    const files = new Map<string, ManifestFile>();
    let hasChanged = isFirst;
    try {
      for (const name of (await readdir(path)).sort()) {
        if (name.startsWith(".")) continue;
        const known = this.#files.get(name);
        const file = await this.#readFile(join(path, name), known);
        if (file) files.set(name, file);
        if (file?.pod !== known?.pod) hasChanged = true;
      }
    } catch (error) {
      logger.warn("Cannot read the folder of manifests", { path, error: asError(error) });
      if (isFirst) onPods([]);
      return;
    }
    for (const name of this.#files.keys()) if (!files.has(name)) hasChanged = true;
    this.#files = files;
    if (hasChanged) onPods(this.#pods());
  }

  /** What a file holds; undefined where it is no file, or gone. */
  async #readFile(path: string, known: ManifestFile | undefined): Promise<ManifestFile | undefined> {
    const { nodeName, logger } = this.#options;
    const facts = await stat(path, { bigint: true }).catch(() => undefined);
    if (!facts?.isFile()) return undefined;
    const version = `${facts.ino} ${facts.mtimeNs} ${facts.size}`;
    if (known?.version === version) return known;
    try {
      if (facts.size > maxBytes)
        throw new Error(`The file has ${facts.size} bytes, expected ${maxBytes} at most`);
      const text = await readFile(path, "utf8");
      // The models of the whole API are only loaded where there is a manifest.
      const { readStaticPod } = await import("./read-static-pod.ts");
      const pod = readStaticPod(text, path, nodeName);
      const isSame = pod.metadata?.uid === known?.pod?.metadata?.uid;
      return { version, pod: (isSame && known?.pod) || pod };
    } catch (error) {
      logger.warn("A manifest is no Pod that can run here", { path, error: asError(error) });
      return { ...known, version };
    }
  }

  /** Of files that name the same Pod the first counts. */
  #pods(): V1Pod[] {
    const pods = new Map<string, V1Pod>();
    for (const [name, { pod }] of this.#files) {
      if (!pod) continue;
      const key = podKey(pod);
      if (!pods.has(key)) pods.set(key, pod);
      else
        this.#options.logger.warn("Two manifests name the same Pod, the first counts", {
          file: name,
          pod: key,
        });
    }
    return [...pods.values()];
  }
}
