/**
 * The one place that knows better-sqlite3. Its entry points for one platform each are imported, because a compiled
 * binary embeds the native addon only where the import names it; the addon itself is loaded at the first open.
 */
import type Sqlite from "better-sqlite3";
import LinuxArm64 from "better-sqlite3/linux-arm64";
import LinuxX64 from "better-sqlite3/linux-x64";

export type Database = Sqlite.Database;
export type Statement<Parameters extends unknown[], Row = unknown> = Sqlite.Statement<Parameters, Row>;

/** Opens a database file and creates it where it is missing. A lock held by another process fails at once. */
export function openDatabase(path: string): Database {
  const Driver = process.arch === "arm64" ? LinuxArm64 : LinuxX64;
  return new Driver(path, { timeout: 0 });
}

/** The SQLite result code of an error, as `SQLITE_FULL`; undefined where the error is not SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code.startsWith("SQLITE_") ? error.code : undefined;
}
