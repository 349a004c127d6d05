import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { encodeWatchFrame } from "../../apimachinery/protobuf/envelope.ts";
import type { BackendEvent, KeyValue, WatchRoute } from "../../storage/backend.ts";
import { type MediaType, protobufMediaType } from "../negotiation/output-format.ts";
import type { ResourceContext } from "../request-context.ts";
import { partialMetadataText } from "../response/partial-metadata.ts";
import { encodeDocument } from "../response/protobuf-response.ts";
import { tableText } from "../response/table-text.ts";
import type { ObjectCodec } from "../storage/object-codec.ts";
import type { Selection } from "./selection.ts";

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/** What an event is for one watch: how its selection sees it, and the object as the client is to see it. */
interface SeenEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly stored: KeyValue;
}

/** Objects read from stored states, shared by all watches that look at them. */
const decodedStates = new WeakMap<KeyValue, ApiObject>();

/** The lines of events in each form but tables, made once for all watches. */
const sharedLines = new WeakMap<BackendEvent, Map<string, Uint8Array>>();

function decodedOnce(codec: ObjectCodec, stored: KeyValue): ApiObject {
  const known = decodedStates.get(stored);
  if (known !== undefined) return known;
  const object = codec.decode(stored);
  decodedStates.set(stored, object);
  return object;
}

/** An event as it travels: a line of JSON, or a frame of protobuf. */
function frame(mediaType: MediaType, type: WatchEventType, objectText: string): Uint8Array {
  if (mediaType === protobufMediaType) return encodeWatchFrame(type, encodeDocument(JSON.parse(objectText)));
  return Buffer.from(`{"type":"${type}","object":${objectText}}\n`);
}

/** Turns the store's events into those of one watch. */
export class WatchEvents {
  readonly #context: ResourceContext;
  readonly #selection: Selection;
  /** In what form each type of event is sent: the key to the lines that watches share. */
  readonly #forms: Readonly<Record<SeenEvent["type"], string>>;
  #toldColumns = false;

  constructor(context: ResourceContext, selection: Selection) {
    this.#context = context;
    this.#selection = selection;
    const { group, version } = context.store.definition;
    const { as, mediaType } = context.format;
    const form = `${group}/${version} ${mediaType} ${as} ${context.format.version}`;
    this.#forms = { ADDED: `ADDED ${form}`, MODIFIED: `MODIFIED ${form}`, DELETED: `DELETED ${form}` };
  }

  /** Where the selection pins a property, its events are found without looking at those of others. */
  get route(): WatchRoute | undefined {
    const { pinned } = this.#selection;
    if (pinned === undefined) return undefined;
    const { name, value, read } = pinned;
    // Another version of the same stored objects may read another value.
    const { version } = this.#context.store.definition;
    return { name: `${version} ${name}`, value, read: (stored) => read(this.#decoded(stored)) };
  }

  /** The event's line, or undefined where the watch is not to see it. */
  line(event: BackendEvent): Uint8Array | undefined {
    const seen = this.#see(event);
    if (seen === undefined) return undefined;
    // The first table of a watch tells the columns.
    if (this.#context.format.as === "Table") return this.frame(seen.type, this.objectText(seen.stored));
    const form = this.#forms[seen.type];
    const known = sharedLines.get(event)?.get(form);
    if (known !== undefined) return known;
    const line = this.frame(seen.type, this.objectText(seen.stored));
    const lines = sharedLines.get(event) ?? new Map<string, Uint8Array>();
    sharedLines.set(event, lines.set(form, line));
    return line;
  }

  /** The line for an object that exists already when the watch begins. */
  initialLine(stored: KeyValue): Uint8Array {
    return this.frame("ADDED", this.objectText(stored));
  }

  /** An event with an object whose JSON is at hand, in the client's form. */
  frame(type: WatchEventType, objectText: string): Uint8Array {
    return frame(this.#context.format.mediaType, type, objectText);
  }

  objectText(stored: KeyValue): string {
    const { store, format } = this.#context;
    if (format.as === "") return store.codec.text(stored);
    if (format.as !== "Table") return partialMetadataText(store.codec.metadataText(stored), format.version);
    const object = store.codec.decode(stored);
    return this.tableText([object], object.metadata.resourceVersion);
  }

  /** A table; only the first of a watch tells its columns. */
  tableText(objects: readonly ApiObject[], resourceVersion: string | undefined): string {
    const hasColumns = !this.#toldColumns;
    this.#toldColumns = true;
    return tableText(this.#context, objects, resourceVersion, { hasColumns });
  }

  #matches(stored: KeyValue | undefined): boolean {
    if (stored === undefined) return false;
    return this.#selection.matchesStored(this.#context.store.codec, stored, () => this.#decoded(stored));
  }

  /** The object of a stored state; shared, so nobody may change it. */
  #decoded(stored: KeyValue): ApiObject {
    const { codec, definition } = this.#context.store;
    // Two views of one stored state are two objects.
    return definition.view === undefined ? decodedOnce(codec, stored) : codec.decode(stored);
  }

  /** An object that comes to match is added, one that ceases to is deleted with its last state that did. */
  #see({ type, current, previous }: BackendEvent): SeenEvent | undefined {
    if (type === "delete") {
      return this.#matches(previous ?? current) ? { type: "DELETED", stored: current } : undefined;
    }
    const did = this.#matches(previous);
    if (this.#matches(current)) return { type: did ? "MODIFIED" : "ADDED", stored: current };
    if (!did || previous === undefined) return undefined;
    return { type: "DELETED", stored: { ...previous, modRevision: current.modRevision } };
  }
}
