import { type Database, openDatabase } from "./database.ts";

/**
 * Keeps other processes from a database for as long as this one lives: an exclusive lock of SQLite on a file beside it,
 * since one on the database itself would keep out the second connection of this process.
 */
export class InstanceLock {
  readonly #db: Database;

  /** Throws SQLite's error, SQLITE_BUSY where another process holds it. */
  constructor(path: string) {
    this.#db = openDatabase(path);
    try {
      this.#db.exec("BEGIN EXCLUSIVE");
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  release(): void {
    this.#db.close();
  }
}
