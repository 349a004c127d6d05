import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import type { Backend } from "../backend.ts";
import type { HistoryBounds } from "./compactor.ts";
import { type Database, openDatabase, sqliteCode } from "./database.ts";
import { migrate } from "./schema.ts";
import { SqliteBackend } from "./sqlite-backend.ts";
import { storageFailure } from "./storage-failure.ts";

export interface SqliteBackendOptions extends Partial<HistoryBounds> {
  /** The database file; it and its folder are created where they are missing, for their owner alone. */
  readonly path: string;
  readonly logger: Logger;
  readonly clock?: Clock;
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
  let db: Database | undefined;
  try {
    createFile(path);
    db = openDatabase(path);
    configure(db);
    migrate(db, path);
    // Frames in the log may have outlived a killed process without an fsync. What is read must be durable.
    db.pragma("wal_checkpoint(TRUNCATE)");
    writeOwner(path);
    return new SqliteBackend({
      clock: systemClock,
      ...defaultBounds,
      ...options,
      db,
      beforeClose: () => rmSync(ownerFile(path), { force: true }),
    });
  } catch (error) {
    db?.close();
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

/**
 * The order counts: the lock before the log, so that it needs no shared memory; the vacuum before any table. Reading
 * by mmap, larger pages and a longer log were measured: they gain nothing that shows, and mmap counts as memory.
 */
function configure(db: Database): void {
  db.pragma("locking_mode = EXCLUSIVE");
  db.pragma("auto_vacuum = INCREMENTAL");
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("cache_size = -8192");
  db.pragma("temp_store = MEMORY");
  db.pragma("journal_size_limit = 16777216");
  db.pragma("cell_size_check = ON");
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

/** Names the process that holds the file. Only SQLite's lock decides; this says who has it. */
function ownerFile(path: string): string {
  return `${path}.pid`;
}
