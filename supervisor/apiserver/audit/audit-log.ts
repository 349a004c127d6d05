import { closeSync, fstatSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { asError } from "../../base/errors.ts";
import type { Logger } from "../../base/logging.ts";

export interface AuditLogOptions {
  /** `-` for standard output, which is not rotated. */
  readonly path: string;
  /** The size from which a new file is begun; 0 for no limit. */
  readonly maxBytes: number;
  /** How many old files are kept; 0 for all. */
  readonly maxBackups: number;
  /** How long old files are kept; 0 for ever. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const ownerOnly = 0o600;
const stdout = 1;

/**
 * Writes records as JSON, a line each; those of one turn of the event loop in one write. Old files keep the log's name
 * with the time at which they were set aside, as kube-apiserver's have.
 */
export class AuditLog {
  readonly #options: AuditLogOptions;
  #file: number | undefined;
  #bytes = 0;
  #pending: string[] = [];

  /** Throws the file system's error where the file cannot be opened. */
  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#open();
  }

  write(record: object): void {
    if (this.#pending.length === 0) setImmediate(() => this.#flush());
    this.#pending.push(JSON.stringify(record));
  }

  /** Writes what is pending and lets go of the file. */
  close(): void {
    this.#flush();
    if (this.#file !== undefined && this.#file !== stdout) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): void {
    const { path } = this.#options;
    this.#file = path === "-" ? stdout : openSync(path, "a", ownerOnly);
    this.#bytes = path === "-" ? 0 : fstatSync(this.#file).size;
  }

  #flush(): void {
    if (this.#pending.length === 0 || this.#file === undefined) return;
    const text = Buffer.from(`${this.#pending.join("\n")}\n`);
    this.#pending = [];
    try {
      const { maxBytes, path } = this.#options;
      if (path !== "-" && maxBytes > 0 && this.#bytes > 0 && this.#bytes + text.length > maxBytes)
        this.#rotate();
      for (let from = 0; from < text.length; ) from += writeSync(this.#file, text, from);
      this.#bytes += text.length;
    } catch (error) {
      const cause = asError(error);
      this.#options.logger.error("The audit log could not be written", { error: cause });
    }
  }

  #rotate(): void {
    const { path, clock } = this.#options;
    const extension = extname(path);
    const time = new Date(clock.now()).toISOString().replace(/:/g, "-").replace("Z", "");
    const stem = join(dirname(path), basename(path, extension));
    if (this.#file !== undefined) closeSync(this.#file);
    renameSync(path, `${stem}-${time}${extension}`);
    this.#open();
    this.#removeOld();
  }

  #removeOld(): void {
    const { path, maxBackups, maxAgeMs, clock } = this.#options;
    const extension = extname(path);
    const prefix = `${basename(path, extension)}-`;
    const backups = readdirSync(dirname(path))
      .filter((name) => name.startsWith(prefix) && name.endsWith(extension))
      .map((name) => ({
        name,
        atMs: backupTimeMs(name.slice(prefix.length, name.length - extension.length)),
      }))
      .filter(({ atMs }) => !Number.isNaN(atMs))
      .sort((left, right) => right.atMs - left.atMs);
    for (const [index, { name, atMs }] of backups.entries()) {
      const isTooMany = maxBackups > 0 && index >= maxBackups;
      const isTooOld = maxAgeMs > 0 && clock.now() - atMs > maxAgeMs;
      if (isTooMany || isTooOld) rmSync(join(dirname(path), name), { force: true });
    }
  }
}

/** The time that a backup's name tells; NaN for another name. */
function backupTimeMs(text: string): number {
  const match = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(text);
  return match === null ? Number.NaN : Date.parse(`${match[1]}${match[2]}:${match[3]}:${match[4]}Z`);
}
