import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../supervisor/base/clock.ts";
import { messageOf } from "../../../supervisor/base/errors.ts";
import type { Logger } from "../../../supervisor/base/logging.ts";
import type { ImageService } from "../../images/image-service.ts";
import type { FileSystemUsage, PodSandboxStats } from "../../runtime/pod-sandbox-stats.ts";
import type { ContainerStatus, PodSandboxStatus, Runtime } from "../../runtime/runtime.ts";
import { podLogDirectory } from "../sandbox/sandbox-config.ts";
import { fileSystemUsage, type HostUsage, readHostUsage } from "./host-usage.ts";

/** Files of one container's log, those that were set aside included. */
export interface LogUsage {
  readonly usedBytes: number;
  readonly usedInodeCount: number;
}

export interface SandboxUsage {
  readonly sandbox: PodSandboxStatus;
  /** Those that run. */
  readonly containers: readonly ContainerStatus[];
  /** Absent where the guest did not answer. */
  readonly stats?: PodSandboxStats;
  /** By the container's name. */
  readonly logs: ReadonlyMap<string, LogUsage>;
}

/** All that this box and what runs on it use, at one moment. */
export interface Usage {
  readonly host: HostUsage;
  /** What the data folder lies on; images lie there too. */
  readonly nodeFs: FileSystemUsage;
  readonly images: { readonly usedBytes: number; readonly count: number };
  readonly sandboxes: readonly SandboxUsage[];
}

export interface UsageReaderOptions {
  readonly runtime: Runtime;
  readonly images: Pick<ImageService, "listImages">;
  readonly dataDir: string;
  readonly logRoot: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What was read is good for this long: several who ask at once share it. */
const lifeMs = 1000;
/** A guest that is too busy to answer is left out. */
const guestPatienceMs = 3000;

/** Reads what everything uses when somebody asks, and never else. */
export class UsageReader {
  readonly #options: UsageReaderOptions;
  #last: { readonly startedAtMs: number; readonly usage: Promise<Usage> } | undefined;

  constructor(options: UsageReaderOptions) {
    this.#options = options;
  }

  /** Rejects where the box itself cannot be read. */
  read(): Promise<Usage> {
    const now = this.#options.clock.now();
    if (this.#last && now - this.#last.startedAtMs < lifeMs) return this.#last.usage;
    const usage = this.#read(now);
    this.#last = { startedAtMs: now, usage };
    usage.catch(() => {
      if (this.#last?.usage === usage) this.#last = undefined;
    });
    return usage;
  }

  async #read(nowMs: number): Promise<Usage> {
    const { runtime, images, dataDir } = this.#options;
    const ready = runtime.listPodSandboxes().filter(({ state }) => state === "ready");
    const [nodeFs, stored, sandboxes] = await Promise.all([
      fileSystemUsage(dataDir),
      images.listImages(),
      Promise.all(ready.map((sandbox) => this.#sandbox(sandbox))),
    ]);
    const usedBytes = stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return {
      host: readHostUsage(nowMs),
      nodeFs,
      images: { usedBytes, count: stored.length },
      sandboxes,
    };
  }

  async #sandbox(sandbox: PodSandboxStatus): Promise<SandboxUsage> {
    const { runtime, logRoot } = this.#options;
    const running = runtime.listContainers(sandbox.id).filter(({ state }) => state === "running");
    const folder = podLogDirectory(logRoot, sandbox.metadata);
    const [stats, logs] = await Promise.all([
      this.#guest(sandbox),
      Promise.all(running.map(({ metadata }) => logUsage(join(folder, metadata.name)))),
    ]);
    const byName = running.map(
      ({ metadata }, index) => [metadata.name, logs[index] ?? { usedBytes: 0, usedInodeCount: 0 }] as const,
    );
    return { sandbox, containers: running, ...(stats && { stats }), logs: new Map(byName) };
  }

  async #guest({ id, metadata }: PodSandboxStatus): Promise<PodSandboxStats | undefined> {
    const { runtime, clock, logger } = this.#options;
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(guestPatienceMs, () => late.reject(new Error("The guest does not answer")));
    try {
      return await Promise.race([runtime.podSandboxStats(id), late.promise]);
    } catch (error) {
      const { namespace, name } = metadata;
      logger.debug("No statistics of a Pod", { namespace, pod: name, why: messageOf(error) });
      return undefined;
    } finally {
      cancel();
    }
  }
}

/** A container's log is a folder of files. */
async function logUsage(folder: string): Promise<LogUsage> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.blocks ?? 0),
  );
  const blocks = sizes.reduce((sum, each) => sum + each, 0);
  return { usedBytes: blocks * 512, usedInodeCount: names.length + 1 };
}
