import { type Database, openDatabase, type Statement } from "../../../supervisor/storage/sqlite/database.ts";

interface WaitingPut {
  readonly key: string;
  readonly value: string;
  readonly resolve: () => void;
}

/** The least that a durable store does: one table, and one transaction with one fsync for the writes of a turn. */
export class BareStore {
  readonly #db: Database;
  readonly #put: Statement<[string, string]>;
  readonly #get: Statement<[string], string>;
  #waiting: WaitingPut[] = [];

  constructor(path: string) {
    const db = openDatabase(path);
    db.pragma("locking_mode = EXCLUSIVE");
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.exec("CREATE TABLE IF NOT EXISTS pairs (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
    this.#db = db;
    this.#put = db.prepare("INSERT OR REPLACE INTO pairs VALUES (?, ?)");
    this.#get = db.prepare<[string], string>("SELECT value FROM pairs WHERE key = ?").pluck();
  }

  get(key: string): string | undefined {
    return this.#get.get(key);
  }

  /** Resolves when the value is durable. */
  put(key: string, value: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({ key, value, resolve });
    });
  }

  clear(): void {
    this.#db.exec("DELETE FROM pairs");
  }

  close(): void {
    this.#db.close();
  }

  #commit(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    this.#db.transaction(() => {
      for (const { key, value } of batch) this.#put.run(key, value);
    })();
    for (const { resolve } of batch) resolve();
  }
}
