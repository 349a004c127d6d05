import {
  type BackendEvent,
  KeyExistsError,
  KeyNotFoundError,
  type KeyValue,
  RevisionConflictError,
} from "../backend.ts";
import type { Reader } from "./reader.ts";
import type { Change } from "./writer-task.ts";

/** A write as its caller asked for it. */
export type Write =
  | { readonly verb: "create"; readonly key: string; readonly value: string }
  | { readonly verb: "update"; readonly key: string; readonly value: string; readonly expected: number }
  | { readonly verb: "delete"; readonly key: string; readonly expected: number };

/** What is to become of one write, told to its caller once the commit is durable. */
export type Outcome = { readonly event: BackendEvent } | { readonly refusal: Error };

/**
 * Decides the writes of one commit, each against the state that those before it leave. Creations are not looked up,
 * unless it is `careful`: nearly all are of keys that are new, and the table refuses the others.
 */
export class WritePlan {
  readonly events: BackendEvent[] = [];
  /** The states that the commit replaces, by their keys. */
  readonly before = new Map<string, KeyValue>();
  readonly #after = new Map<string, KeyValue | undefined>();
  readonly #reader: Reader;
  readonly #revision: number;
  readonly #careful: boolean;

  constructor(reader: Reader, revision: number, careful: boolean) {
    this.#reader = reader;
    this.#revision = revision;
    this.#careful = careful;
  }

  get revision(): number {
    return this.#revision + this.events.length;
  }

  get changes(): Change[] {
    return this.events.map(({ type, current }) => ({
      revision: current.modRevision,
      createRevision: current.createRevision,
      key: current.key,
      value: type === "delete" ? undefined : current.value,
    }));
  }

  decide(write: Write): Outcome {
    const { key } = write;
    const previous = this.#after.has(key) ? this.#after.get(key) : this.#stored(write);
    const refusal = refusalOf(write, previous);
    if (refusal !== undefined) return { refusal };
    const event = eventOf(write, previous, this.revision + 1);
    this.events.push(event);
    if (previous !== undefined && !this.#after.has(key)) this.before.set(key, previous);
    this.#after.set(key, event.type === "delete" ? undefined : event.current);
    return { event };
  }

  #stored({ verb, key }: Write): KeyValue | undefined {
    return verb === "create" && !this.#careful ? this.#reader.recent(key) : this.#reader.get(key);
  }
}

function refusalOf(write: Write, previous: KeyValue | undefined): Error | undefined {
  if (write.verb === "create") return previous === undefined ? undefined : new KeyExistsError(write.key);
  if (previous === undefined) return new KeyNotFoundError(write.key);
  if (previous.modRevision === write.expected) return undefined;
  return new RevisionConflictError(write.expected, previous);
}

function eventOf(write: Write, previous: KeyValue | undefined, revision: number): BackendEvent {
  const { key } = write;
  const createRevision = previous?.createRevision ?? revision;
  const value = write.verb === "delete" ? (previous?.value ?? "") : write.value;
  const current = { key, value, createRevision, modRevision: revision };
  const type = write.verb === "delete" ? "delete" : "put";
  return { type, current, ...(previous !== undefined && { previous }) };
}
