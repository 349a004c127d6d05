import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type LogPosition, readLogPosition, writeLogPosition } from "./log-position.ts";

export interface LogLimits {
  /** A file that would grow beyond this is set aside and a new one begun. */
  readonly maxBytes: number;
  /** How many files there are at most, the current one counted. */
  readonly maxFiles: number;
}

/** kubelet's `containerLogMaxSize` and `containerLogMaxFiles`. */
export const defaultLogLimits: LogLimits = { maxBytes: 10 << 20, maxFiles: 5 };

/**
 * A container's log file with its position record. A batch is first appended to the log, then the record is written;
 * {@link LogFile.open} cuts off what a killed process appended without recording it, as the guest sends that again.
 * Rotation renames `name.log` to `name.log.<time>` and begins a new file, whose other inode tells the record apart.
 */
export class LogFile {
  readonly #path: string;
  readonly #limits: LogLimits;
  readonly #positionFile: FileHandle;
  #log: FileHandle;
  #position: LogPosition;

  private constructor(
    path: string,
    limits: LogLimits,
    files: { readonly log: FileHandle; readonly position: FileHandle },
    position: LogPosition,
  ) {
    this.#path = path;
    this.#limits = limits;
    this.#log = files.log;
    this.#positionFile = files.position;
    this.#position = position;
  }

  static async open(path: string, positionPath: string, limits: LogLimits): Promise<LogFile> {
    const positionFile = await open(positionPath, "r+").catch(() => open(positionPath, "w+", 0o600));
    const recorded = await readLogPosition(positionFile);
    const log = await openForAppend(path);
    const { ino, size } = await log.stat();
    const isRecorded = recorded?.inode === ino && size >= recorded.size;
    if (isRecorded) await log.truncate(recorded.size);
    const position = {
      inode: ino,
      size: isRecorded ? recorded.size : size,
      stdout: recorded?.stdout ?? 0,
      stderr: recorded?.stderr ?? 0,
    };
    // Also before the first batch: a process that is killed between that and its record leaves what can be told.
    if (!isRecorded) await writeLogPosition(positionFile, position);
    return new LogFile(path, limits, { log, position: positionFile }, position);
  }

  get position(): LogPosition {
    return this.#position;
  }

  /** Appends entries and records the stream offsets that go with them. After a failure the same call may be repeated. */
  async append(
    entries: Buffer,
    offsets: { readonly stdout: number; readonly stderr: number },
  ): Promise<void> {
    const { size } = this.#position;
    if (size > 0 && size + entries.length > this.#limits.maxBytes) await this.#rotate();
    for (let written = 0; written < entries.length; ) {
      const length = entries.length - written;
      const at = this.#position.size + written;
      written += (await this.#log.write(entries, written, length, at)).bytesWritten;
    }
    await this.#record({ ...this.#position, size: this.#position.size + entries.length, ...offsets });
  }

  async close(): Promise<void> {
    await Promise.all([this.#log.close(), this.#positionFile.close()]);
  }

  async #record(position: LogPosition): Promise<void> {
    await writeLogPosition(this.#positionFile, position);
    this.#position = position;
  }

  async #rotate(): Promise<void> {
    await rename(this.#path, await this.#nextName()).catch(() => {
      // Somebody removed the file: its successor is all that is needed.
    });
    const previous = this.#log;
    this.#log = await openForAppend(this.#path);
    await previous.close();
    const { ino, size } = await this.#log.stat();
    await this.#record({ ...this.#position, inode: ino, size });
    await this.#removeOldest();
  }

  /** A name after all others, also where several are made in a millisecond or the clock has gone back. */
  async #nextName(): Promise<string> {
    const newest = (await this.#rotated()).at(-1) ?? "";
    let timeMs = Date.now();
    while (this.#nameAt(timeMs) <= newest) timeMs = Math.max(timeMs, timeOf(newest)) + 1;
    return join(dirname(this.#path), this.#nameAt(timeMs));
  }

  #nameAt(timeMs: number): string {
    return `${basename(this.#path)}.${timestamp(timeMs)}`;
  }

  /** The names of the files that were set aside, the oldest first. */
  async #rotated(): Promise<readonly string[]> {
    const prefix = `${basename(this.#path)}.`;
    const names = await readdir(dirname(this.#path));
    return names.filter((name) => name.startsWith(prefix) && timeOf(name) > 0).sort();
  }

  async #removeOldest(): Promise<void> {
    const rotated = await this.#rotated();
    const surplus = rotated.slice(0, Math.max(0, rotated.length - (this.#limits.maxFiles - 1)));
    await Promise.all(surplus.map((name) => rm(join(dirname(this.#path), name), { force: true })));
  }
}

async function openForAppend(path: string): Promise<FileHandle> {
  return open(path, "r+").catch(() => open(path, "w+", 0o640));
}

/** `20260131-120000.123`: kubelet's form, with milliseconds because a busy log rotates more than once a second. */
function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replaceAll(/[-:Z]/g, "").replace("T", "-");
}

/** The time that a name tells in milliseconds since 1970; 0 for another name. */
function timeOf(name: string): number {
  const parts = /\.(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d\.\d{3})$/.exec(name);
  if (parts === null) return 0;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
