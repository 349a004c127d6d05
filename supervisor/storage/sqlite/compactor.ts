import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logging.ts";
import type { Database, Statement } from "./database.ts";

export interface CompactorOptions {
  readonly db: Database;
  readonly logger: Logger;
  readonly clock: Clock;
  /** History younger than this is kept, as far as `historyLimit` allows; it may get twice as old. */
  readonly historyAgeMs: number;
  /** About how many revisions are kept at most. */
  readonly historyLimit: number;
}

/** Rows removed, and pages given back to the file system, in one turn of the event loop. */
const rowsPerStep = 1000;
const pagesPerStep = 512;
/** Free pages that stay in the file for the writes to come. */
const sparePages = 1024;

/**
 * Forgets old history: what is older than its age, as kube-apiserver does with etcd every five minutes, and what is
 * beyond its count. Its timer runs only while there is history, so an idle store costs nothing.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  readonly #setCompacted: Statement<[number]>;
  readonly #purge: Statement<[number]>;
  #compacted: number;
  /** Rows up to here are removed. */
  #purged: number;
  #purging: Promise<void> | undefined;
  #stopTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: CompactorOptions) {
    const { db } = options;
    this.#options = options;
    this.#setCompacted = db.prepare("UPDATE meta SET value = ? WHERE name = 'compacted_revision'");
    this.#purge = db.prepare("DELETE FROM history WHERE revision <= ?");
    this.#compacted = Number(
      db.prepare("SELECT value FROM meta WHERE name = 'compacted_revision'").pluck().get(),
    );
    const oldest = db.prepare("SELECT min(revision) FROM history").pluck().get();
    this.#purged = typeof oldest === "number" ? Math.min(oldest - 1, this.#compacted) : this.#compacted;
  }

  get compactedRevision(): number {
    return this.#compacted;
  }

  /** To be called when the store has reached a revision: sees to it that its history goes in time. */
  reached(revision: number): void {
    const { clock, historyAgeMs, historyLimit } = this.#options;
    if (revision - this.#compacted > historyLimit * 1.1) this.#automatic(revision - historyLimit);
    if (this.#closed || this.#stopTimer !== undefined || revision <= this.#compacted) return;
    this.#stopTimer = clock.after(historyAgeMs, () => {
      this.#stopTimer = undefined;
      this.#automatic(revision);
      this.reached(this.#newestRevision());
    });
  }

  /** Forgets the history before a revision; resolves when its rows are removed. */
  async compact(revision: number): Promise<void> {
    if (revision > this.#compacted) {
      this.#setCompacted.run(revision);
      this.#compacted = revision;
    }
    this.#purging ??= this.#purgeRows().finally(() => {
      this.#purging = undefined;
    });
    await this.#purging;
  }

  /** Stops the timer and waits for the step under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTimer?.();
    await this.#purging?.catch(() => undefined);
  }

  #automatic(revision: number): void {
    this.compact(revision).catch((error: unknown) => {
      this.#options.logger.warn("Compaction failed, it is tried again later", {
        revision,
        error: String(error),
      });
    });
  }

  #newestRevision(): number {
    const newest = this.#options.db.prepare("SELECT max(revision) FROM history").pluck().get();
    return typeof newest === "number" ? newest : this.#compacted;
  }

  async #purgeRows(): Promise<void> {
    while (this.#purged < this.#compacted && !this.#closed) {
      const target = Math.min(this.#compacted, this.#purged + rowsPerStep);
      this.#purge.run(target);
      this.#purged = target;
      await nextTurn();
    }
    while (!this.#closed && this.#freePages() > 2 * sparePages) {
      this.#options.db.pragma(`incremental_vacuum(${pagesPerStep})`);
      await nextTurn();
    }
  }

  #freePages(): number {
    return Number(this.#options.db.pragma("freelist_count", { simple: true }));
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
