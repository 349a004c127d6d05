import type { Database } from "./database.ts";

/** Marks a file as ours in SQLite's header ("PaSt"), so that another program's database is never migrated. */
const applicationId = 0x50615374;

/**
 * Every schema that was ever released, each as the step from the one before it; the number of steps applied is the
 * file's `user_version`. A released step never changes: a new one is added at the end.
 *
 * `current` holds the newest state of each key. `history` is an undo log: one row for every kept revision with the
 * state that it replaced (null where the write created the key), so a value is written once when it is created and
 * compaction is the removal of the oldest rows. Every revision after the compacted one has its row, so the store's
 * revision is the greatest of both and needs no write of its own.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE current (
    create_revision INTEGER PRIMARY KEY,
    mod_revision INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE history (
    revision INTEGER PRIMARY KEY,
    deleted INTEGER NOT NULL,
    previous_create_revision INTEGER,
    previous_mod_revision INTEGER,
    key TEXT NOT NULL,
    previous_value TEXT
  ) STRICT;
  CREATE UNIQUE INDEX history_by_key ON history (key, revision, previous_mod_revision, deleted);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('compacted_revision', 1);
  `,
];

/**
 * Brings a database to the newest schema, in one transaction.
 * Throws an Error for a file of another program or of a newer version of this one.
 */
export function migrate(db: Database, path: string, steps: readonly string[] = migrations): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  const id = Number(db.pragma("application_id", { simple: true }));
  const tables = Number(db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get());
  if (id !== applicationId && tables > 0) {
    throw new Error(
      `Database ${path} belongs to another program (application id ${id}), choose another file`,
    );
  }
  if (version > steps.length) {
    throw new Error(
      `Database ${path} has schema version ${version}, this version of pacific knows up to ${steps.length}: run the newer version that wrote it, or restore a backup`,
    );
  }
  if (version === steps.length) return;
  db.transaction(() => {
    for (const step of steps.slice(version)) db.exec(step);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${steps.length}`);
  }).exclusive();
}
