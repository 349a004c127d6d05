import type { BackendEvent, KeyValue } from "../backend.ts";

/** The promises of `backend.ts` in their simplest form: every state that ever was, in memory. */
export class StoreModel {
  /** The states by key, at each revision from the first on. */
  readonly #states = new Map<number, ReadonlyMap<string, KeyValue>>();
  readonly events: BackendEvent[] = [];
  revision: number;
  compacted: number;

  constructor(revision: number) {
    this.revision = revision;
    this.compacted = revision;
    this.#states.set(revision, new Map());
  }

  get(key: string, revision = this.revision): KeyValue | undefined {
    return this.#states.get(revision)?.get(key);
  }

  /** The items of a range in byte order. */
  range(prefix: string, after: string | undefined, revision = this.revision): KeyValue[] {
    return [...(this.#states.get(revision)?.values() ?? [])]
      .filter(({ key }) => key.startsWith(prefix) && (after === undefined || compareBytes(key, after) > 0))
      .sort((left, right) => compareBytes(left.key, right.key));
  }

  /** Writes or, without a value, deletes a key. */
  write(key: string, value: string | undefined): KeyValue {
    const previous = this.get(key);
    const modRevision = this.revision + 1;
    const createRevision = previous?.createRevision ?? modRevision;
    const current = { key, value: value ?? previous?.value ?? "", createRevision, modRevision };
    const next = new Map(this.#states.get(this.revision));
    if (value === undefined) next.delete(key);
    else next.set(key, current);
    this.revision = modRevision;
    this.#states.set(modRevision, next);
    const type = value === undefined ? "delete" : "put";
    this.events.push(previous === undefined ? { type, current } : { type, current, previous });
    return current;
  }
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
