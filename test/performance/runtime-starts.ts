/** The steps of a Pod's start by the runtime alone: a sandbox, its container and the first line, without daemon and API. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CrxRuntime } from "../../agent/runtime/crx/crx-runtime.ts";
import type { PodSandboxConfig } from "../../agent/runtime/runtime.ts";
import {
  busyboxDisk,
  containerConfig,
  realRuntime,
  sandboxConfig,
  temporaryFolder,
  until,
} from "../integration/crx/fixtures.ts";

const signal = new AbortController().signal;
const poolMs = 60_000;

/** `boot` makes no template; `pool` keeps one clone ready. */
export type StartKind = "boot" | "clone" | "pool";

export class RuntimeStarts {
  readonly folder = temporaryFolder();
  readonly runtime: CrxRuntime;
  readonly #disk: string;

  private constructor(folder: ReturnType<typeof temporaryFolder>, runtime: CrxRuntime, disk: string) {
    this.folder = folder;
    this.runtime = runtime;
    this.#disk = disk;
  }

  static async open(kind: StartKind): Promise<RuntimeStarts> {
    const folder = temporaryFolder();
    const disk = busyboxDisk(folder.path);
    const cloning = { hasNetwork: false, poolSize: kind === "pool" ? 1 : 0 };
    const { runtime } = await realRuntime(folder.path, { cloning: kind === "boot" ? undefined : cloning });
    return new RuntimeStarts(folder, runtime, disk);
  }

  /** Milliseconds to the first line; the sandbox stays. */
  async start(size: Partial<PodSandboxConfig>): Promise<{ readonly id: string; readonly tookMs: number }> {
    const { runtime, folder } = this;
    const begunAt = performance.now();
    const config = sandboxConfig(folder.path, { imageDiskPaths: [this.#disk], ...size });
    const spare = await runtime.takeSpareMachine(config);
    const { id } = await (spare ? spare.run(config, signal) : runtime.runPodSandbox(config, signal));
    const logPath = `${id}.log`;
    const container = containerConfig(this.#disk, ["sh", "-c", "echo hi; exec sleep 1000"], { logPath });
    await runtime.startContainer(await runtime.createContainer(id, container));
    await until(() => readFileSync(join(config.logDirectory, logPath)).length > 0, "the first line");
    return { id, tookMs: performance.now() - begunAt };
  }

  /** As {@link start}; the sandbox is gone then, and the pool is full before. */
  async measure(size: Partial<PodSandboxConfig>, kind: StartKind): Promise<number> {
    if (kind === "pool") await until(() => this.runtime.spareCount === 1, "a machine in the pool", poolMs);
    const { id, tookMs } = await this.start(size);
    await this.runtime.removePodSandbox(id);
    return tookMs;
  }

  async close(): Promise<void> {
    for (const { id } of this.runtime.listPodSandboxes()) await this.runtime.removePodSandbox(id);
    await this.runtime.close();
    this.folder.remove();
  }
}
