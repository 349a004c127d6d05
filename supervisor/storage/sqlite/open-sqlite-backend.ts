import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import type { Backend } from "../backend.ts";
import type { HistoryBounds } from "./compactor.ts";
import { configureConnection } from "./configure-connection.ts";
import { type Database, openDatabase, sqliteCode } from "./database.ts";
import { InlineRunner } from "./inline-runner.ts";
import { InstanceLock } from "./instance-lock.ts";
import { migrate } from "./schema.ts";
import { SqliteBackend } from "./sqlite-backend.ts";
import { storageFailure } from "./storage-failure.ts";
import { ThreadRunner } from "./thread-runner.ts";

export interface SqliteBackendOptions extends Partial<HistoryBounds> {
  /** The database file; it and its folder are created where they are missing, for their owner alone. */
  readonly path: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  /**
   * Where writes are made: by the calling thread, which a slow disk then holds up, or by a thread of their own, which
   * takes some 6 MB. By the calling thread unless given.
   */
  readonly writes?: "inline" | "thread";
}

/** The age is kube-apiserver's for etcd (`--etcd-compaction-interval`); the others bound the disk under load. */
const defaultBounds: HistoryBounds = {
  historyAgeMs: 5 * 60_000,
  historyLimit: 100_000,
  historyChars: 256 * 1024 * 1024,
};

/**
 * Opens the embedded store. Throws {@link StorageFailureError} when the file cannot be used: another process has it
 * open, it is corrupt, another program's, or a newer version's.
 */
export function openSqliteBackend(options: SqliteBackendOptions): Backend {
  const { path } = options;
  let lock: InstanceLock | undefined;
  let db: Database | undefined;
  const afterClose = (): void => {
    rmSync(ownerFile(path), { force: true });
    lock?.release();
  };
  try {
    createFile(path);
    createFile(`${path}.lock`);
    lock = new InstanceLock(`${path}.lock`);
    db = openDatabase(path);
    configure(db);
    migrate(db, path);
    // Frames in the log may have outlived a killed process without an fsync. What is read must be durable.
    db.pragma("wal_checkpoint(TRUNCATE)");
    writeOwner(path);
    const runner = options.writes === "thread" ? new ThreadRunner(path) : new InlineRunner(db);
    return new SqliteBackend({ clock: systemClock, ...defaultBounds, ...options, db, runner, afterClose });
  } catch (error) {
    db?.close();
    lock?.release();
    throw storageFailure("Opening", path, isLocked(error) ? lockedError(path) : error);
  }
}

/** Creates the file before SQLite does: it holds secrets, and its name must survive a power cut. */
function createFile(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    throw error;
  }
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** The order counts: the vacuum before any table. */
function configure(db: Database): void {
  db.pragma("auto_vacuum = INCREMENTAL");
  db.pragma("journal_mode = WAL");
  configureConnection(db);
}

function isLocked(error: unknown): boolean {
  return sqliteCode(error)?.startsWith("SQLITE_BUSY") ?? false;
}

function lockedError(path: string): Error {
  return new Error(
    `process ${readOwner(path)} has it open, stop that process or choose another data directory`,
  );
}

function writeOwner(path: string): void {
  try {
    writeFileSync(ownerFile(path), `${process.pid}\n`);
  } catch {
    // A full disk, say. The lock holds without it, and what can still be read shall be read.
  }
}

function readOwner(path: string): string {
  try {
    return readFileSync(ownerFile(path), "utf8").trim();
  } catch {
    return "(unknown)";
  }
}

/** Names the process that holds the file. Only the lock decides; this says who has it. */
function ownerFile(path: string): string {
  return `${path}.pid`;
}
