import {
  type BackendEvent,
  KeyExistsError,
  KeyNotFoundError,
  type KeyValue,
  RevisionConflictError,
  StorageFailureError,
} from "../backend.ts";
import type { Database, Statement } from "./database.ts";
import { storageFailure } from "./storage-failure.ts";
import type { Write, Writer } from "./writer.ts";

interface Waiting {
  readonly write: Write;
  readonly resolve: (state: KeyValue) => void;
  readonly reject: (error: Error) => void;
}

/** What became of one write of a batch, told to its caller once the batch is durable. */
type Outcome = { readonly event: BackendEvent } | { readonly refusal: Error };

export interface GroupCommitOptions {
  readonly db: Database;
  readonly writer: Writer;
  readonly path: string;
  /** The store's newest revision. */
  readonly revision: number;
  /** Called when a batch is durable, before its callers are answered. */
  readonly onCommit: (events: readonly BackendEvent[], revision: number) => void;
}

/** Writes in one transaction: some 20 ms of work, so that a flood of them leaves turns for others. */
const writesPerCommit = 500;

/**
 * Collects the writes of one turn of the event loop and makes them durable in one transaction with one fsync. Each
 * write is checked against the state that those before it left. All are answered after the fsync, refusals too:
 * a refusal tells of a state that must be durable first.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;
  #revision: number;
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#revision = options.revision;
    this.#begin = options.db.prepare("BEGIN IMMEDIATE");
    this.#commit = options.db.prepare("COMMIT");
    this.#rollback = options.db.prepare("ROLLBACK");
  }

  get revision(): number {
    return this.#revision;
  }

  submit(write: Write): Promise<KeyValue> {
    if (this.#closed)
      return Promise.reject(new StorageFailureError(`Database ${this.#options.path} is closed`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const batch = this.#waiting.splice(0, writesPerCommit);
    if (batch.length === 0) return;
    if (this.#waiting.length > 0) setImmediate(() => this.#flush());
    let outcomes: Outcome[];
    try {
      outcomes = this.#transact(batch);
    } catch (error) {
      const failure = storageFailure("Write to", this.#options.path, error);
      for (const { reject } of batch) reject(failure);
      return;
    }
    const events = outcomes.flatMap((outcome) => ("event" in outcome ? [outcome.event] : []));
    this.#revision += events.length;
    if (events.length > 0) this.#options.onCommit(events, this.#revision);
    for (const [index, outcome] of outcomes.entries()) {
      const waiting = batch[index];
      if ("event" in outcome) waiting?.resolve(outcome.event.current);
      else waiting?.reject(outcome.refusal);
    }
  }

  /** Commits what waits and refuses further writes. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  #transact(batch: readonly Waiting[]): Outcome[] {
    this.#begin.run();
    try {
      const outcomes: Outcome[] = [];
      let revision = this.#revision;
      for (const { write } of batch) {
        const outcome = this.#apply(write, revision + 1);
        if ("event" in outcome) revision += 1;
        outcomes.push(outcome);
      }
      this.#commit.run();
      return outcomes;
    } catch (error) {
      this.#options.writer.rolledBack();
      // SQLite has rolled back by itself after some errors, as a full disk.
      if (this.#options.db.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  #apply(write: Write, revision: number): Outcome {
    try {
      return { event: this.#options.writer.apply(write, revision) };
    } catch (error) {
      if (isRefusal(error)) return { refusal: error };
      throw error;
    }
  }
}

function isRefusal(error: unknown): error is Error {
  return (
    error instanceof KeyExistsError ||
    error instanceof KeyNotFoundError ||
    error instanceof RevisionConflictError
  );
}
