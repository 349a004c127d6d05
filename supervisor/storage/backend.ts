/**
 * The storage interface, with etcd's semantics (etcd API reference, "KV" and "Watch"): one global revision that only
 * grows, compare-and-set on a key's modification revision, ranges in key order, watches from a revision, compaction.
 * The API server owns this interface; drivers implement it and `conformance.ts` holds every driver to it.
 */

/** One key as it stood at a revision. */
export interface KeyValue {
  readonly key: string;
  /** The stored text, as it was written. */
  readonly value: string;
  /** The revision of the write that created the key. */
  readonly createRevision: number;
  /** The revision of the key's last write. */
  readonly modRevision: number;
  /** The store holds it in another form than the one in which it would be written now. */
  readonly isStale?: boolean;
}

export interface RangeOptions {
  /** Only keys that begin with this text. */
  readonly prefix: string;
  /** Only keys greater than this one, in byte order. */
  readonly after?: string;
  /** At most this many items; 0 only counts. */
  readonly limit?: number;
  /** The state at this revision instead of the newest one. */
  readonly revision?: number;
  /** Whether it is enough to know that keys follow: `remaining` may then be 1 for any number of them. */
  readonly uncounted?: boolean;
}

export interface RangeResult {
  readonly items: readonly KeyValue[];
  /** The revision that the items were read at. */
  readonly revision: number;
  /** How many keys of the range follow the last item; see `uncounted`. */
  readonly remaining: number;
}

export interface BackendEvent {
  readonly type: "put" | "delete";
  /** For a put the new state. For a delete the last value, with `modRevision` the revision of the delete. */
  readonly current: KeyValue;
  /** The state before this write; absent when the write created the key. */
  readonly previous?: KeyValue;
}

/** Receives a watch's events. Neither method may throw. */
export interface WatchSink {
  /**
   * Called with the events of one commit or more, in the order of their revisions, each event once.
   * `revision` is the store's revision that the watch has now reached, also when no event of it matched.
   * A commit without an event for this watch calls nothing: see {@link WatchHandle.revision}.
   */
  events(events: readonly BackendEvent[], revision: number): void;
  /** Called once when the watch has ended for another reason than `stop`. Nothing follows it. */
  end(error: Error): void;
}

/**
 * What a watch is for beside its prefix: the events of objects that have, or had before the write, one value. A driver
 * uses it to spare watches what is not theirs; it may send more, since a watch looks at its events itself.
 */
export interface WatchRoute {
  /** Says what {@link read} reads: watches of a prefix with the same name share the reading. */
  readonly name: string;
  readonly value: string;
  /** Reads the value of a state. May not throw. */
  read(state: KeyValue): string;
}

export interface WatchHandle {
  /** The store's revision that the watch has reached: the sink has had every event up to it (for bookmarks). */
  revision(): number;
  /** Ends the watch: the sink is not called again. May be called more than once. */
  stop(): void;
}

/** A key to be created exists. */
export class KeyExistsError extends Error {
  override readonly name = "KeyExistsError";
  constructor(readonly key: string) {
    super(`Key ${key} exists`);
  }
}

/** A key does not exist. */
export class KeyNotFoundError extends Error {
  override readonly name = "KeyNotFoundError";
  constructor(readonly key: string) {
    super(`Key ${key} does not exist`);
  }
}

/** A key's modification revision is not the one that the write expected. */
export class RevisionConflictError extends Error {
  override readonly name = "RevisionConflictError";
  constructor(
    readonly expected: number,
    readonly current: KeyValue,
  ) {
    super(`Key ${current.key} is at revision ${current.modRevision}, expected ${expected}`);
  }
}

/** The revision asked for is older than the kept history. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  constructor(
    readonly requested: number,
    readonly compacted: number,
  ) {
    super(`Revision ${requested} has been compacted, the oldest kept is ${compacted}`);
  }
}

/** The revision asked for lies in the future. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
  constructor(
    readonly requested: number,
    readonly current: number,
  ) {
    super(`Revision ${requested} lies in the future, the current is ${current}`);
  }
}

/** What a watch follows is no longer there in this form; whoever still wants it begins anew. */
export class WatchClosedError extends Error {
  override readonly name = "WatchClosedError";
  constructor() {
    super("The watched resource was redefined or is gone");
  }
}

/** The store failed or is closed: a full disk, an I/O error, a corrupt file. Nothing of a failed write is visible. */
export class StorageFailureError extends Error {
  override readonly name = "StorageFailureError";
}

export interface Backend {
  /** The newest durable revision. Every value that a caller has seen is at most this. */
  currentRevision(): number;

  /** One key's state, or undefined. Throws {@link CompactedError} or {@link FutureRevisionError} for `revision`. */
  get(key: string, revision?: number): Promise<KeyValue | undefined>;

  /** A range in key order. Throws {@link CompactedError} or {@link FutureRevisionError} for `revision`. */
  range(options: RangeOptions): Promise<RangeResult>;

  /** Creates a key; resolves when it is durable. Throws {@link KeyExistsError}. */
  create(key: string, value: string): Promise<KeyValue>;

  /**
   * Replaces a key's value; resolves when it is durable.
   * Throws {@link KeyNotFoundError} or {@link RevisionConflictError}.
   */
  update(key: string, value: string, expectedModRevision: number): Promise<KeyValue>;

  /**
   * Deletes a key; resolves with its last value and the delete's revision as `modRevision` when that is durable.
   * Throws {@link KeyNotFoundError} or {@link RevisionConflictError}.
   */
  delete(key: string, expectedModRevision: number): Promise<KeyValue>;

  /**
   * Sends the sink every event of keys with `prefix` with a revision greater than `afterRevision`, the kept past
   * first; with a route at least those that it takes. Events are sent after they are durable.
   * Throws {@link CompactedError}, {@link FutureRevisionError}.
   */
  watch(prefix: string, afterRevision: number, sink: WatchSink, route?: WatchRoute): WatchHandle;

  /**
   * Forgets the history before `revision`; the state at it stays readable, and resolves when that is durable.
   * Does nothing for a revision that is compacted already. Throws {@link FutureRevisionError}.
   */
  compact(revision: number): Promise<void>;

  /** Waits for the writes under way, ends the watches and closes the store. May be called more than once. */
  close(): Promise<void>;
}
