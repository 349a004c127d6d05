import {
  type Backend,
  type BackendEvent,
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type RangeOptions,
  type RangeResult,
  StorageFailureError,
  type WatchHandle,
  type WatchRoute,
  type WatchSink,
} from "../backend.ts";
import { WatchHub } from "../watch-cache/watch-hub.ts";
import { Compactor, type CompactorOptions } from "./compactor.ts";
import type { Database } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { keySpan, Reader } from "./reader.ts";
import { storageFailure } from "./storage-failure.ts";
import type { TaskRunner } from "./writer-task.ts";

export interface SqliteBackendParts extends CompactorOptions {
  readonly path: string;
  /** Called when the file is closed. */
  readonly afterClose: () => void;
}

/** Items read in one turn of the event loop. */
const itemsPerTurn = 1000;

/** The embedded store: a SQLite connection to read by, and what writes; made by `openSqliteBackend`. */
export class SqliteBackend implements Backend {
  readonly #db: Database;
  readonly #path: string;
  readonly #runner: TaskRunner;
  readonly #afterClose: () => void;
  readonly #reader: Reader;
  readonly #compactor: Compactor;
  readonly #commits: GroupCommit;
  readonly #hub: WatchHub;
  #closing: Promise<void> | undefined;

  constructor(parts: SqliteBackendParts) {
    const { db, path, runner, logger } = parts;
    this.#db = db;
    this.#path = path;
    this.#runner = runner;
    this.#afterClose = parts.afterClose;
    this.#reader = new Reader(db);
    this.#compactor = new Compactor(parts);
    const newest = db.prepare("SELECT max(revision) FROM history").pluck().get();
    const revision = Math.max(typeof newest === "number" ? newest : 0, this.#compactor.compactedRevision);
    this.#hub = new WatchHub({
      revision,
      logger,
      readHistory: (prefix, after) => {
        this.#checkRevision(after);
        return this.#reader.history(prefix, after, this.currentRevision());
      },
    });
    this.#commits = new GroupCommit({
      reader: this.#reader,
      runner,
      path,
      revision,
      onCommit: (events, reached) => {
        this.#hub.publish(events, reached);
        this.#compactor.reached(reached, replacedChars(events));
      },
    });
    this.#compactor.reached(revision, 0);
  }

  currentRevision(): number {
    return this.#commits.revision;
  }

  async get(key: string, revision?: number): Promise<KeyValue | undefined> {
    return this.#read(() => {
      if (revision === undefined) return this.#reader.get(key);
      this.#checkRevision(revision);
      return this.#reader.getAt(key, revision);
    });
  }

  async range(options: RangeOptions): Promise<RangeResult> {
    for (;;) {
      try {
        return await this.#rangeAt(options, options.revision ?? this.currentRevision());
      } catch (error) {
        // The revision was the newest when it was chosen and has been compacted meanwhile: take a newer one.
        if (options.revision !== undefined || !(error instanceof CompactedError)) throw error;
      }
    }
  }

  create(key: string, value: string): Promise<KeyValue> {
    return this.#commits.submit({ verb: "create", key, value });
  }

  update(key: string, value: string, expectedModRevision: number): Promise<KeyValue> {
    return this.#commits.submit({ verb: "update", key, value, expected: expectedModRevision });
  }

  delete(key: string, expectedModRevision: number): Promise<KeyValue> {
    return this.#commits.submit({ verb: "delete", key, expected: expectedModRevision });
  }

  watch(prefix: string, afterRevision: number, sink: WatchSink, route?: WatchRoute): WatchHandle {
    this.#checkOpen();
    this.#checkRevision(afterRevision);
    return this.#hub.watch(prefix, afterRevision, sink, route);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    if (revision > this.currentRevision()) throw new FutureRevisionError(revision, this.currentRevision());
    try {
      await this.#compactor.compact(revision);
    } catch (error) {
      throw storageFailure("Compaction of", this.#path, error);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.close();
    this.#hub.close(this.#closedError());
    await this.#compactor.close();
    await this.#runner.close();
    this.#db.close();
    this.#afterClose();
  }

  async #rangeAt(options: RangeOptions, revision: number): Promise<RangeResult> {
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const items: KeyValue[] = [];
    let { after } = options;
    for (;;) {
      const wanted = Math.min(itemsPerTurn, limit - items.length);
      const page = this.#read(() => this.#readPage(options.prefix, after, wanted, revision));
      for (const item of page) items.push(item);
      after = page.at(-1)?.key ?? after;
      if (page.length < wanted) return { items, revision, remaining: 0 };
      if (items.length === limit) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const remaining = (): number =>
      options.uncounted
        ? this.#readPage(options.prefix, after, 1, revision).length
        : this.#countAfter(options.prefix, after, revision);
    return { items, revision, remaining: this.#read(remaining) };
  }

  #readPage(prefix: string, after: string | undefined, limit: number, revision: number): KeyValue[] {
    this.#checkRevision(revision);
    const span = keySpan(prefix, after);
    if (this.#isNewest(revision)) return this.#reader.page(span, limit);
    return this.#reader.pageAt(span, limit, revision);
  }

  #countAfter(prefix: string, after: string | undefined, revision: number): number {
    const span = keySpan(prefix, after);
    if (this.#isNewest(revision)) return this.#reader.count(span);
    return this.#reader.countAt(span, revision);
  }

  /** Whether a revision is what the tables hold. */
  #isNewest(revision: number): boolean {
    return revision === this.currentRevision() && !this.#reader.isCommitting;
  }

  #read<T>(query: () => T): T {
    this.#checkOpen();
    try {
      return query();
    } catch (error) {
      if (error instanceof CompactedError || error instanceof FutureRevisionError) throw error;
      throw storageFailure("Read of", this.#path, error);
    }
  }

  #checkRevision(revision: number): void {
    const current = this.currentRevision();
    if (revision > current) throw new FutureRevisionError(revision, current);
    const compacted = this.#compactor.compactedRevision;
    if (revision < compacted) throw new CompactedError(revision, compacted);
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw this.#closedError();
  }

  #closedError(): StorageFailureError {
    return new StorageFailureError(`Database ${this.#path} is closed`);
  }
}

/** The text that a commit has added to the history. */
function replacedChars(events: readonly BackendEvent[]): number {
  return events.reduce((sum, { previous }) => sum + (previous?.value.length ?? 0), 0);
}
