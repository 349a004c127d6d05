import type { Database, Statement } from "./database.ts";
import type { Change, WriterTask } from "./writer-task.ts";

/** Writes to the tables by one connection, which nothing else may write by. */
export class DatabaseWriter {
  readonly #db: Database;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;
  readonly #insert: Statement<[number, number, string, string]>;
  readonly #update: Statement<[number, string, number]>;
  readonly #delete: Statement<[number]>;
  readonly #rememberNew: Statement<[number, string]>;
  readonly #remember: Statement<[number, number, number]>;
  readonly #setCompacted: Statement<[number]>;
  readonly #purge: Statement<[number]>;

  constructor(db: Database) {
    this.#db = db;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
    this.#insert = db.prepare(
      "INSERT INTO current (create_revision, mod_revision, key, value) VALUES (?, ?, ?, ?)",
    );
    this.#update = db.prepare("UPDATE current SET mod_revision = ?, value = ? WHERE create_revision = ?");
    this.#delete = db.prepare("DELETE FROM current WHERE create_revision = ?");
    this.#rememberNew = db.prepare("INSERT INTO history (revision, deleted, key) VALUES (?, 0, ?)");
    // What is replaced is in the table: it need not come from the thread that asks.
    this.#remember =
      db.prepare(`INSERT INTO history (revision, deleted, previous_create_revision, previous_mod_revision, key, previous_value)
        SELECT ?, ?, create_revision, mod_revision, key, value FROM current WHERE create_revision = ?`);
    this.#setCompacted = db.prepare("UPDATE meta SET value = ? WHERE name = 'compacted_revision'");
    this.#purge = db.prepare("DELETE FROM history WHERE revision <= ?");
  }

  /** Runs one task; it is durable on return. Throws SQLite's error when it has changed nothing. */
  run(task: WriterTask): void {
    if (task.kind === "commit") this.#transact(task.changes);
    else if (task.kind === "compacted") this.#setCompacted.run(task.revision);
    else if (task.kind === "purge") this.#purge.run(task.revision);
    else this.#db.pragma(`incremental_vacuum(${task.pages})`);
  }

  #transact(changes: readonly Change[]): void {
    this.#begin.run();
    try {
      for (const change of changes) this.#apply(change);
      this.#commit.run();
    } catch (error) {
      // SQLite has rolled back by itself after some errors, as a full disk.
      if (this.#db.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  #apply({ revision, createRevision, key, value }: Change): void {
    if (revision === createRevision && value !== undefined) {
      this.#insert.run(revision, revision, key, value);
      this.#rememberNew.run(revision, key);
      return;
    }
    this.#remember.run(revision, value === undefined ? 1 : 0, createRevision);
    if (value === undefined) this.#delete.run(createRevision);
    else this.#update.run(revision, value, createRevision);
  }
}
