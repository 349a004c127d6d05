import { type BackendEvent, type KeyValue, StorageFailureError } from "../backend.ts";
import { sqliteCode } from "./database.ts";
import type { Reader } from "./reader.ts";
import { storageFailure } from "./storage-failure.ts";
import { type Outcome, type Write, WritePlan } from "./write-plan.ts";
import type { TaskRunner } from "./writer-task.ts";

interface Waiting {
  readonly write: Write;
  readonly resolve: (state: KeyValue) => void;
  readonly reject: (error: Error) => void;
}

interface Decided {
  readonly events: readonly BackendEvent[];
  readonly revision: number;
  /** One for each write. */
  readonly outcomes: readonly Outcome[];
}

export interface GroupCommitOptions {
  readonly reader: Reader;
  readonly runner: TaskRunner;
  readonly path: string;
  /** The store's newest revision. */
  readonly revision: number;
  /** Called when a batch is durable, before its callers are answered. */
  readonly onCommit: (events: readonly BackendEvent[], revision: number) => void;
}

/** Writes in one transaction: some 20 ms of work, so that a flood of them leaves turns for others. */
const writesPerCommit = 500;

/**
 * Collects writes and makes them durable in one transaction with one fsync: those of one turn of the event loop, or
 * those that came while the commit before was under way, since one is at a time. Each write is checked against the
 * state that those before it left. All are answered after the fsync, refusals too: a refusal tells of a state that must
 * be durable first.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #revision: number;
  #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#revision = options.revision;
  }

  get revision(): number {
    return this.#revision;
  }

  submit(write: Write): Promise<KeyValue> {
    if (this.#closed)
      return Promise.reject(new StorageFailureError(`Database ${this.#options.path} is closed`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  /** Refuses further writes, and commits those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    await nextTurn();
    let answer = (): void => {};
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, writesPerCommit);
      const settled = this.#commit(batch);
      // The writing thread has its next task before the callers of the last one are answered.
      answer();
      answer = await settled;
    }
    this.#working = undefined;
    answer();
  }

  /** Commits a batch; the result publishes it and answers its callers. */
  async #commit(batch: readonly Waiting[]): Promise<() => void> {
    const { reader, path } = this.#options;
    let decided: Decided;
    try {
      decided = await this.#write(batch);
    } catch (error) {
      reader.endCommit([]);
      const failure = storageFailure("Write to", path, error);
      return () => {
        for (const { reject } of batch) reject(failure);
      };
    }
    const { events, revision, outcomes } = decided;
    reader.endCommit(events);
    this.#revision = revision;
    return () => {
      if (events.length > 0) this.#options.onCommit(events, revision);
      for (const [index, outcome] of outcomes.entries()) {
        const waiting = batch[index];
        if ("event" in outcome) waiting?.resolve(outcome.event.current);
        else waiting?.reject(outcome.refusal);
      }
    };
  }

  /** Makes a batch durable: the second time with all creations looked up, where the table has refused one. */
  async #write(batch: readonly Waiting[]): Promise<Decided> {
    try {
      return await this.#tryWrite(batch, false);
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_CONSTRAINT_UNIQUE") throw error;
      return this.#tryWrite(batch, true);
    }
  }

  async #tryWrite(batch: readonly Waiting[], careful: boolean): Promise<Decided> {
    const { reader, runner } = this.#options;
    const plan = new WritePlan(reader, this.#revision, careful);
    const outcomes = batch.map(({ write }) => plan.decide(write));
    if (plan.events.length > 0) {
      reader.beginCommit(plan.before, this.#revision);
      await runner.run({ kind: "commit", changes: plan.changes });
    }
    return { events: plan.events, revision: plan.revision, outcomes };
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
