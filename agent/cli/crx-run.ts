import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { quantityValue } from "../../supervisor/apimachinery/quantity.ts";
import { UsageError } from "../../supervisor/base/config/usage-error.ts";
import { Logger } from "../../supervisor/base/logging.ts";
import type { Image, PullProgress } from "../images/image-service.ts";
import { ImageStore } from "../images/image-store.ts";
import type { AcceleratorChoice } from "../runtime/crx/accelerator.ts";
import { CrxRuntime } from "../runtime/crx/crx-runtime.ts";
import { type GuestImageSource, unpackGuestImage } from "../runtime/crx/guest-image.ts";
import type { StreamSession } from "../runtime/stream-session.ts";
import { type CrxRunSize, crxContainerConfig, crxSandboxConfig } from "./crx-run-config.ts";
import { imageStoreDir } from "./image.ts";
import { joinTerminal, type TerminalStreams } from "./join-terminal.ts";
import { ProgressLine } from "./progress-line.ts";

export interface CrxRunOptions {
  /** A name in the host's store or a registry, or the path of an archive. */
  readonly image: string;
  /** In place of the image's own command. */
  readonly command: readonly string[];
  /** The host's data dir, for its images. A daemon may be using it at the same time. */
  readonly dataDir: string;
  readonly memory: string;
  readonly cpus: string;
  readonly tty: boolean;
  readonly interactive: boolean;
  readonly accel: AcceleratorChoice;
  readonly guestImage: GuestImageSource;
  readonly streams: TerminalStreams;
  readonly signal: AbortSignal;
}

const minMemoryBytes = 16 << 20;

/**
 * `pacific crx run IMAGE -- CMD`: runs a container in a machine of its own without any cluster, and returns its exit
 * code. On a terminal it says what it does until the container runs. The machine has no network. Nothing is left but
 * what was pulled, also when the signal aborts. Throws {@link UsageError}, `ImageError`, `RuntimeError`, or the
 * signal's reason.
 */
export async function crxRun(options: CrxRunOptions): Promise<number> {
  const size = readSize(options);
  const folder = await mkdtemp(join(tmpdir(), "pacific-run-"));
  const progress = new ProgressLine(options.streams.stderr);
  try {
    const image = await findImage(options, folder, progress);
    return await runIn(folder, options, image, size, progress);
  } finally {
    progress.clear();
    await rm(folder, { recursive: true, force: true });
  }
}

function readSize({ memory, cpus }: CrxRunOptions): CrxRunSize {
  const cpuCount = Number(cpus);
  if (!Number.isInteger(cpuCount) || cpuCount < 1 || cpuCount > availableParallelism()) {
    throw new UsageError(`--cpus ${cpus} must be a number from 1 to ${availableParallelism()}`);
  }
  const memoryBytes = memoryOf(memory);
  if (!(memoryBytes >= minMemoryBytes)) {
    throw new UsageError(`--memory ${memory} must be an amount of at least 16Mi, such as 512Mi`);
  }
  return { cpuCount, memoryBytes };
}

function memoryOf(text: string): number {
  try {
    return quantityValue(text);
  } catch {
    return Number.NaN;
  }
}

/** The image from an archive, which leaves nothing in the host's store; from that store; or from a registry into it. */
async function findImage(
  { image, dataDir, signal }: CrxRunOptions,
  folder: string,
  progress: ProgressLine,
): Promise<Image> {
  const logger = new Logger("warn");
  const onProgress = (each: PullProgress): void => progress.showPull(each);
  progress.show("looking for the image");
  if (statSync(image, { throwIfNoEntry: false })?.isFile()) {
    const own = new ImageStore({ dataDir: imageStoreDir(folder), logger });
    const [first] = await own.importArchive(image, signal, { onProgress });
    if (first) return first;
    throw new UsageError(`Archive ${image} holds no image for this machine`);
  }
  const store = new ImageStore({ dataDir: imageStoreDir(dataDir), logger });
  return (await store.imageStatus(image)) ?? (await store.pullImage(image, { signal, onProgress }));
}

async function runIn(
  folder: string,
  options: CrxRunOptions,
  image: Image,
  size: CrxRunSize,
  progress: ProgressLine,
): Promise<number> {
  const { accel, signal } = options;
  progress.show("starting the machine");
  const guestImage = await unpackGuestImage(folder, options.guestImage);
  const runtime = new CrxRuntime({ dataDir: folder, guestImage, accel, logger: new Logger("error") });
  await runtime.recover(signal);
  try {
    const { id } = await runtime.runPodSandbox(crxSandboxConfig(folder, image, size), signal);
    const container = await runtime.createContainer(id, crxContainerConfig(image, options));
    const session = await runtime.attach(container, {
      tty: options.tty,
      stdin: options.interactive,
      stdout: true,
      stderr: true,
    });
    progress.clear();
    const joined = joinTerminal(session, options.streams, options.tty);
    try {
      await runtime.startContainer(container);
      const exitCode = await exitOf(session, signal);
      await joined.drained();
      return exitCode;
    } finally {
      joined.leave();
    }
  } finally {
    for (const { id } of runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
    await runtime.close();
  }
}

/** As a shell tells it: 128 and the signal's number for a process that one ended. */
async function exitOf(session: StreamSession, signal: AbortSignal): Promise<number> {
  const interrupted = Promise.withResolvers<never>();
  const interrupt = (): void => interrupted.reject(signal.reason);
  signal.addEventListener("abort", interrupt, { once: true });
  if (signal.aborted) interrupt();
  const { exitCode } = await Promise.race([session.exit, interrupted.promise]);
  signal.removeEventListener("abort", interrupt);
  return exitCode;
}
