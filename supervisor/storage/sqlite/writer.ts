import {
  type BackendEvent,
  KeyExistsError,
  KeyNotFoundError,
  type KeyValue,
  RevisionConflictError,
} from "../backend.ts";
import type { Database, Statement } from "./database.ts";
import type { Reader } from "./reader.ts";

/** A write as its caller asked for it. */
export type Write =
  | { readonly verb: "create"; readonly key: string; readonly value: string }
  | { readonly verb: "update"; readonly key: string; readonly value: string; readonly expected: number }
  | { readonly verb: "delete"; readonly key: string; readonly expected: number };

/** Applies writes to the tables, inside the transaction that its caller holds. */
export class Writer {
  readonly #reader: Reader;
  readonly #insert: Statement<[number, number, string, string]>;
  readonly #update: Statement<[number, string, number]>;
  readonly #delete: Statement<[number]>;
  readonly #remember: Statement<
    [number, number, number | undefined, number | undefined, string, string | undefined]
  >;

  constructor(db: Database, reader: Reader) {
    this.#reader = reader;
    this.#insert = db.prepare(
      "INSERT INTO current (create_revision, mod_revision, key, value) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
    );
    this.#update = db.prepare("UPDATE current SET mod_revision = ?, value = ? WHERE create_revision = ?");
    this.#delete = db.prepare("DELETE FROM current WHERE create_revision = ?");
    this.#remember = db.prepare(
      "INSERT INTO history (revision, deleted, previous_create_revision, previous_mod_revision, key, previous_value) VALUES (?, ?, ?, ?, ?, ?)",
    );
  }

  /**
   * Applies one write as `revision`.
   * Throws {@link KeyExistsError}, {@link KeyNotFoundError} or {@link RevisionConflictError} before anything changed.
   */
  apply(write: Write, revision: number): BackendEvent {
    if (write.verb === "create") return this.#applyCreate(write.key, write.value, revision);
    const previous = this.#reader.get(write.key);
    if (previous === undefined) throw new KeyNotFoundError(write.key);
    if (previous.modRevision !== write.expected) throw new RevisionConflictError(write.expected, previous);
    const { key, createRevision } = previous;
    if (write.verb === "update") {
      this.#update.run(revision, write.value, createRevision);
      this.#rememberPrevious(revision, previous, false);
      const current = { key, value: write.value, createRevision, modRevision: revision };
      this.#reader.recent.set(current);
      return { type: "put", current, previous };
    }
    this.#delete.run(createRevision);
    this.#rememberPrevious(revision, previous, true);
    this.#reader.recent.delete(key);
    const current = { key, value: previous.value, createRevision, modRevision: revision };
    return { type: "delete", current, previous };
  }

  /** To be called when the transaction was rolled back: its writes never were. */
  rolledBack(): void {
    this.#reader.recent.clear();
  }

  #applyCreate(key: string, value: string, revision: number): BackendEvent {
    const { changes } = this.#insert.run(revision, revision, key, value);
    if (changes === 0) throw new KeyExistsError(key);
    this.#remember.run(revision, 0, undefined, undefined, key, undefined);
    return { type: "put", current: { key, value, createRevision: revision, modRevision: revision } };
  }

  #rememberPrevious(revision: number, previous: KeyValue, deleted: boolean): void {
    const { key, value, createRevision, modRevision } = previous;
    this.#remember.run(revision, deleted ? 1 : 0, createRevision, modRevision, key, value);
  }
}
