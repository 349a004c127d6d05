import type { BackendEvent, KeyValue } from "../backend.ts";
import type { HistoryPage } from "../watch-cache/watch-hub.ts";
import type { Database, Statement } from "./database.ts";
import { RecentStates } from "./recent-states.ts";

/** A range of keys in byte order, from `lower` on, all beginning with `prefix`. */
export interface KeySpan {
  readonly prefix: string;
  readonly lower: string;
}

const currentColumns = "key, value, create_revision AS createRevision, mod_revision AS modRevision";
/** The byte FF appears in no UTF-8 text, so every key with the prefix sorts before the prefix with it. */
const inSpan = "key >= ? AND key < ? || CAST(x'FF' AS TEXT)";
/** What a write replaced, when it was the first one of its key after the revision asked for. */
const undone = "revision > ? AND previous_mod_revision <= ?";

/** How much of the history is read in one turn of the event loop: revisions, and the length of their texts. */
const historyPageRevisions = 1000;
const historyPageChars = 1024 * 1024;

interface HistoryRow {
  readonly revision: number;
  readonly key: string;
  readonly deleted: number;
  readonly createRevision: number | null;
  readonly modRevision: number | null;
  readonly previousValue: string | null;
  readonly value: string | null;
}

/** The prepared queries. Everything is synchronous, so each call sees one committed and durable state. */
export class Reader {
  readonly #recent: RecentStates;
  /** What the commit under way replaces: the tables may have its new states already, which nobody may see yet. */
  #replaced: ReadonlyMap<string, KeyValue> | undefined;
  /** The newest revision that may be seen while a commit is under way. */
  #visible = 0;
  readonly #get: Statement<[string], KeyValue>;
  readonly #getAt: Statement<[string, number, string, number, number], KeyValue>;
  readonly #page: Statement<[string, string, number], KeyValue>;
  readonly #pageAt: Statement<[string, string, number, string, string, number, number, number], KeyValue>;
  readonly #count: Statement<[string, string], number>;
  readonly #countAt: Statement<[string, string, string, string, number], number>;
  readonly #history: Statement<[number, number, string, string], HistoryRow>;

  constructor(db: Database, recent = new RecentStates()) {
    this.#recent = recent;
    this.#get = db.prepare(`SELECT ${currentColumns} FROM current WHERE key = ?`);
    const undoneState = `SELECT key, previous_value AS value, previous_create_revision AS createRevision,
      previous_mod_revision AS modRevision FROM history`;
    this.#getAt = db.prepare(`SELECT ${currentColumns} FROM current WHERE key = ? AND mod_revision <= ?
      UNION ALL ${undoneState} WHERE key = ? AND ${undone}`);
    this.#page = db.prepare(`SELECT ${currentColumns} FROM current WHERE ${inSpan} ORDER BY key LIMIT ?`);
    this.#pageAt = db.prepare(`SELECT ${currentColumns} FROM current WHERE ${inSpan} AND mod_revision <= ?
      UNION ALL ${undoneState} WHERE ${inSpan} AND ${undone} ORDER BY key LIMIT ?`);
    this.#count = db
      .prepare<[string, string], number>(`SELECT count(*) FROM current WHERE ${inSpan}`)
      .pluck();
    // Counted back from now: what was created since was not there, what was deleted since was. Indexes answer it.
    this.#countAt = db
      .prepare<[string, string, string, string, number], number>(
        `SELECT (SELECT count(*) FROM current WHERE ${inSpan})
           - (SELECT count(*) FILTER (WHERE previous_mod_revision IS NULL) - count(*) FILTER (WHERE deleted = 1)
              FROM history WHERE ${inSpan} AND revision > ?)`,
      )
      .pluck();
    // The value that a put wrote stands in the key's next undo row, or is its current one. The plus signs keep SQLite
    // from the index on keys: the rows of the span of revisions are read in their order.
    this.#history =
      db.prepare(`SELECT h.revision, h.key, h.deleted, h.previous_create_revision AS createRevision,
        h.previous_mod_revision AS modRevision, h.previous_value AS previousValue,
        CASE WHEN h.deleted THEN NULL ELSE coalesce(
          (SELECT n.previous_value FROM history n WHERE n.key = h.key AND n.revision > h.revision
             ORDER BY n.revision LIMIT 1),
          (SELECT c.value FROM current c WHERE c.key = h.key)) END AS value
      FROM history h WHERE h.revision > ? AND h.revision <= ?
        AND +h.key >= ? AND +h.key < ? || CAST(x'FF' AS TEXT) ORDER BY h.revision`);
  }

  /** Whether the tables may be ahead of the store's revision. */
  get isCommitting(): boolean {
    return this.#replaced !== undefined;
  }

  /**
   * To be called before a commit, with the states that it replaces and the revision before it: {@link get} finds the
   * former, and nothing newer, until its end.
   */
  beginCommit(replaced: ReadonlyMap<string, KeyValue>, revision: number): void {
    this.#replaced = replaced;
    this.#visible = revision;
  }

  /** To be called when a commit is durable with its events, or when it has failed with none. */
  endCommit(events: readonly BackendEvent[]): void {
    this.#replaced = undefined;
    for (const { type, current } of events) {
      if (type === "delete") this.#recent.delete(current.key);
      else this.#recent.set(current);
    }
  }

  /** The newest state of a key, without the commit under way. */
  get(key: string): KeyValue | undefined {
    const known = this.#replaced?.get(key) ?? this.#recent.get(key);
    if (known !== undefined) return known;
    const state = this.#get.get(key);
    if (state === undefined || (this.isCommitting && state.modRevision > this.#visible)) return undefined;
    this.#recent.set(state);
    return state;
  }

  /** A key's newest state where it is at hand: undefined says nothing. */
  recent(key: string): KeyValue | undefined {
    return this.#recent.get(key);
  }

  getAt(key: string, revision: number): KeyValue | undefined {
    return this.#getAt.get(key, revision, key, revision, revision);
  }

  page(span: KeySpan, limit: number): KeyValue[] {
    return this.#page.all(span.lower, span.prefix, limit);
  }

  pageAt(span: KeySpan, limit: number, at: number): KeyValue[] {
    const { lower, prefix } = span;
    return this.#pageAt.all(lower, prefix, at, lower, prefix, at, at, limit);
  }

  count(span: KeySpan): number {
    return this.#count.get(span.lower, span.prefix) ?? 0;
  }

  countAt(span: KeySpan, at: number): number {
    const { lower, prefix } = span;
    return this.#countAt.get(lower, prefix, lower, prefix, at) ?? 0;
  }

  /** The events with a prefix after a revision, as many as one turn of the event loop should read. */
  history(prefix: string, afterRevision: number, currentRevision: number): HistoryPage {
    const last = Math.min(currentRevision, afterRevision + historyPageRevisions);
    const events: BackendEvent[] = [];
    let charCount = 0;
    for (const row of this.#history.iterate(afterRevision, last, prefix, prefix)) {
      const event = toEvent(row);
      events.push(event);
      charCount += event.current.value.length + (event.previous?.value.length ?? 0);
      if (charCount > historyPageChars) return { events, revision: row.revision };
    }
    return { events, revision: last };
  }
}

/** The span of the keys with a prefix that are greater than `after`. */
export function keySpan(prefix: string, after: string | undefined): KeySpan {
  if (after === undefined || (!after.startsWith(prefix) && utf8Less(after, prefix))) {
    return { prefix, lower: prefix };
  }
  // The least text that is greater than another is that text with a zero byte.
  return { prefix, lower: `${after}\u0000` };
}

function utf8Less(left: string, right: string): boolean {
  return Buffer.compare(Buffer.from(left), Buffer.from(right)) < 0;
}

function toEvent(row: HistoryRow): BackendEvent {
  const { revision, key, createRevision, modRevision } = row;
  if (createRevision === null || modRevision === null || row.previousValue === null) {
    return {
      type: "put",
      current: { key, value: row.value ?? "", createRevision: revision, modRevision: revision },
    };
  }
  const previous: KeyValue = { key, value: row.previousValue, createRevision, modRevision };
  const value = row.value ?? row.previousValue;
  return {
    type: row.deleted === 1 ? "delete" : "put",
    current: { key, value, createRevision, modRevision: revision },
    previous,
  };
}
