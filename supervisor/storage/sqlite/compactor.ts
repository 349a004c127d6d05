import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import type { Database } from "./database.ts";
import type { TaskRunner } from "./writer-task.ts";

/** What bounds the kept history. The first bound that is met counts. */
export interface HistoryBounds {
  /** History younger than this is kept, as far as the other bounds allow; it may get twice as old. */
  readonly historyAgeMs: number;
  /** About how many revisions are kept at most. */
  readonly historyLimit: number;
  /** About how much text of replaced values is kept at most, in characters. */
  readonly historyChars: number;
}

export interface CompactorOptions extends HistoryBounds {
  /** To read by. */
  readonly db: Database;
  readonly runner: TaskRunner;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Rows removed, and pages given back to the file system, at a time: writes come between. */
const rowsPerStep = 1000;
const pagesPerStep = 512;
/** Free pages that stay in the file for the writes to come. */
const sparePages = 1024;
/** The bounds are looked after in steps of this part of them. */
const marksPerBound = 16;

/**
 * Forgets old history: what is older than its age, as kube-apiserver does with etcd every five minutes, and what is
 * beyond its count or size. Its timer runs only while there is history, so an idle store costs nothing.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  #compacted: number;
  /** The newest revision that the store has told of. */
  #newest: number;
  /** Rows up to here are removed. */
  #purged: number;
  #purging: Promise<void> | undefined;
  #stopTimer: (() => void) | undefined;
  #dueImmediate: NodeJS.Immediate | undefined;
  /** Revisions at which a further sixteenth of `historyChars` was full. */
  readonly #charMarks: number[] = [];
  #charsSinceMark = 0;
  #closed = false;

  constructor(options: CompactorOptions) {
    const { db } = options;
    this.#options = options;
    this.#compacted = Number(
      db.prepare("SELECT value FROM meta WHERE name = 'compacted_revision'").pluck().get(),
    );
    this.#newest = this.#compacted;
    const oldest = db.prepare("SELECT min(revision) FROM history").pluck().get();
    this.#purged = typeof oldest === "number" ? Math.min(oldest - 1, this.#compacted) : this.#compacted;
  }

  get compactedRevision(): number {
    return this.#compacted;
  }

  /** To be called when the store has reached a revision, with the text of history that this has added. */
  reached(revision: number, addedChars: number): void {
    this.#newest = revision;
    const target = Math.max(this.#beyondLimit(), this.#beyondChars(addedChars));
    if (target > this.#compacted) this.#compactSoon(target);
    this.#armTimer();
  }

  /** Forgets the history before a revision; resolves when its rows are removed. */
  async compact(revision: number): Promise<void> {
    if (revision > this.#compacted) {
      await this.#options.runner.run({ kind: "compacted", revision });
      // Another call may have come further meanwhile.
      this.#compacted = Math.max(this.#compacted, revision);
    }
    // One purge runs at a time; it may have passed the rows of this call when it is joined.
    do {
      this.#purging ??= this.#purgeRows().finally(() => {
        this.#purging = undefined;
      });
      await this.#purging;
    } while (this.#purged < this.#compacted && !this.#closed);
  }

  /** Stops the timer and waits for the step under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer?.();
    clearImmediate(this.#dueImmediate);
    await this.#purging?.catch(() => undefined);
  }

  #beyondLimit(): number {
    const { historyLimit } = this.#options;
    const slack = historyLimit / marksPerBound;
    return this.#newest - this.#compacted > historyLimit + slack ? this.#newest - historyLimit : 0;
  }

  #beyondChars(addedChars: number): number {
    this.#charsSinceMark += addedChars;
    if (this.#charsSinceMark < this.#options.historyChars / marksPerBound) return 0;
    this.#charsSinceMark = 0;
    this.#charMarks.push(this.#newest);
    return this.#charMarks.length > marksPerBound ? (this.#charMarks.shift() ?? 0) : 0;
  }

  /** What is the newest revision now is old enough when the timer ends. */
  #armTimer(): void {
    if (this.#closed || this.#stopTimer !== undefined || this.#newest <= this.#compacted) return;
    const target = this.#newest;
    this.#stopTimer = this.#options.clock.after(this.#options.historyAgeMs, () => {
      this.#stopTimer = undefined;
      this.#compactSoon(target);
      if (this.#newest > target) this.#armTimer();
    });
  }

  /** Compacts in a turn of its own, so that the commit that made it due answers first. */
  #compactSoon(revision: number): void {
    clearImmediate(this.#dueImmediate);
    this.#dueImmediate = setImmediate(() => {
      this.compact(revision).catch((error: unknown) => {
        this.#options.logger.warn("Compaction failed, it is tried again later", {
          revision,
          error: String(error),
        });
      });
    });
  }

  async #purgeRows(): Promise<void> {
    while (this.#purged < this.#compacted && !this.#closed) {
      const target = Math.min(this.#compacted, this.#purged + rowsPerStep);
      await this.#options.runner.run({ kind: "purge", revision: target });
      this.#purged = target;
      await nextTurn();
    }
    const isWorthIt = !this.#closed && this.#pages("freelist_count") > this.#pages("page_count") / 4;
    while (isWorthIt && !this.#closed && this.#pages("freelist_count") > sparePages) {
      await this.#options.runner.run({ kind: "vacuum", pages: pagesPerStep });
      await nextTurn();
    }
  }

  #pages(count: "freelist_count" | "page_count"): number {
    return Number(this.#options.db.pragma(count, { simple: true }));
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
