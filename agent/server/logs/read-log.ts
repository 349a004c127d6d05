import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { ContainerLogFile } from "../pod-streams.ts";
import { FileChanges } from "./file-changes.ts";
import { inodeOf, listLogFiles, openLogFile } from "./log-files.ts";
import { LogFormatter } from "./log-formatter.ts";
import type { LogOptions } from "./log-options.ts";
import { findTailStart } from "./tail-start.ts";

const blockBytes = 64 * 1024;

/**
 * Reads a container's log, rotated files included, as the options ask; with `follow` on until the container ends.
 * Nothing is read ahead of the caller, and nothing is polled. Ends when the signal aborts.
 */
export async function* readLog(
  log: ContainerLogFile,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const changes = options.follow ? watchFolder(dirname(log.path)) : undefined;
  const onAbort = (): void => changes?.notify();
  signal.addEventListener("abort", onAbort, { once: true });
  const reader = new LogReader(log.path, new LogFormatter(options));
  let ended = false;
  void log.ended.then(() => {
    ended = true;
    changes?.notify();
  });
  try {
    await reader.start(options.tailLines);
    for (;;) {
      // Asked before the read: what was written before the end is then read.
      const last = ended || changes === undefined;
      yield* reader.readOn(signal);
      if (last || reader.full || signal.aborted) return;
      await changes?.next();
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    changes?.close();
    await reader.close();
  }
}

/** Undefined when the folder is gone: then nothing will change. */
function watchFolder(folder: string): FileChanges | undefined {
  try {
    return new FileChanges(folder);
  } catch {
    return undefined;
  }
}

/** A place in a log that moves on through its files. */
class LogReader {
  readonly #path: string;
  readonly #formatter: LogFormatter;
  readonly #block = Buffer.alloc(blockBytes);
  #handle: FileHandle | undefined;
  #inode = 0;
  #offsetBytes = 0;

  constructor(path: string, formatter: LogFormatter) {
    this.#path = path;
    this.#formatter = formatter;
  }

  get full(): boolean {
    return this.#formatter.full;
  }

  async start(tailLines: number | undefined): Promise<void> {
    const files = await listLogFiles(this.#path);
    const position =
      tailLines === undefined ? { file: 0, offsetBytes: 0 } : await findTailStart(files, tailLines);
    for (const file of files.slice(position.file)) {
      if (await this.#open(file)) break;
    }
    this.#offsetBytes = position.offsetBytes;
  }

  /** Everything up to the present end of the log. */
  async *readOn(signal: AbortSignal): AsyncGenerator<Buffer> {
    while (!this.full && !signal.aborted) {
      let bytes = await this.#readBlock();
      if (bytes === undefined) {
        if (!(await this.#hasNextFile())) return;
        // Nothing is written to a file once it has been set aside, but something may have been until then.
        bytes = await this.#readBlock();
      }
      if (bytes === undefined) {
        if (await this.#nextFile()) continue;
        return;
      }
      const output = this.#formatter.format(bytes);
      if (output.length > 0) yield output;
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #readBlock(): Promise<Buffer | undefined> {
    if (this.#handle === undefined) return undefined;
    const { bytesRead } = await this.#handle.read(this.#block, 0, blockBytes, this.#offsetBytes);
    if (bytesRead === 0) {
      // A restarted daemon cuts off what it had not recorded, and writes it again.
      const { size } = await this.#handle.stat();
      if (size < this.#offsetBytes) {
        this.#offsetBytes = size;
        this.#formatter.dropRest();
      }
      return undefined;
    }
    this.#offsetBytes += bytesRead;
    return Buffer.from(this.#block.subarray(0, bytesRead));
  }

  async #hasNextFile(): Promise<boolean> {
    if (this.#handle === undefined) return true;
    const inode = await inodeOf(this.#path);
    return inode !== undefined && inode !== this.#inode;
  }

  /** Goes on to the file that follows when the log was rotated. */
  async #nextFile(): Promise<boolean> {
    if (this.#handle === undefined) return this.#open(this.#path);
    const files = await listLogFiles(this.#path);
    const inodes = await Promise.all(files.map(inodeOf));
    // A file that was removed meanwhile is followed by the oldest that is left.
    for (const file of files.slice(inodes.indexOf(this.#inode) + 1)) {
      if (await this.#open(file)) return true;
    }
    return false;
  }

  async #open(file: string): Promise<boolean> {
    const handle = await openLogFile(file);
    if (handle === undefined) return false;
    await this.close();
    this.#handle = handle;
    this.#inode = (await handle.stat()).ino;
    this.#offsetBytes = 0;
    this.#formatter.dropRest();
    return true;
  }
}
