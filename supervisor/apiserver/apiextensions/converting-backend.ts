import { asError } from "../../base/errors.ts";
import {
  type Backend,
  type BackendEvent,
  type KeyValue,
  type RangeOptions,
  type RangeResult,
  RevisionConflictError,
  WatchClosedError,
  type WatchHandle,
  type WatchSink,
} from "../../storage/backend.ts";

/** How the stored texts of a resource become those of one of its versions, and back. */
export interface TextConverter {
  /** The texts of stored objects in this version, in the same order; a promise where somebody has to be asked. */
  read(texts: readonly string[]): readonly string[] | Promise<readonly string[]>;
  write(text: string): string | Promise<string>;
  /** Whether an object is stored as it would be written now. */
  isCurrent(text: string): boolean;
}

/**
 * The store as one version of a custom resource sees it: every text that comes out has this version's form, every text
 * that goes in is stored in the storage version's. Its watches end when the definition changes.
 */
export class ConvertingBackend implements Backend {
  readonly #inner: Backend;
  readonly #converter: TextConverter;
  /** What was converted already, for all watches that get the same states. */
  readonly #converted = new WeakMap<KeyValue, KeyValue | Promise<KeyValue>>();
  readonly #watches = new Set<ConvertedWatch>();

  constructor(inner: Backend, converter: TextConverter) {
    this.#inner = inner;
    this.#converter = converter;
  }

  currentRevision(): number {
    return this.#inner.currentRevision();
  }

  async get(key: string, revision?: number): Promise<KeyValue | undefined> {
    const stored = await this.#inner.get(key, revision);
    return stored && this.#read(stored);
  }

  async range(options: RangeOptions): Promise<RangeResult> {
    const result = await this.#inner.range(options);
    const texts = await this.#converter.read(result.items.map(({ value }) => value));
    return { ...result, items: result.items.map((item, index) => this.#withText(item, texts[index] ?? "")) };
  }

  async create(key: string, value: string): Promise<KeyValue> {
    return this.#read(await this.#inner.create(key, await this.#converter.write(value)));
  }

  async update(key: string, value: string, expectedModRevision: number): Promise<KeyValue> {
    const text = await this.#converter.write(value);
    return this.#read(await this.#inConflict(this.#inner.update(key, text, expectedModRevision)));
  }

  async delete(key: string, expectedModRevision: number): Promise<KeyValue> {
    return this.#read(await this.#inConflict(this.#inner.delete(key, expectedModRevision)));
  }

  watch(prefix: string, afterRevision: number, sink: WatchSink): WatchHandle {
    const watch = new ConvertedWatch(
      sink,
      (event) => this.#readEvent(event),
      () => this.#watches.delete(watch),
    );
    watch.follow((inner) => this.#inner.watch(prefix, afterRevision, inner));
    this.#watches.add(watch);
    return watch;
  }

  compact(revision: number): Promise<void> {
    return this.#inner.compact(revision);
  }

  /** Ends the watches; the store itself stays open. */
  async close(): Promise<void> {
    for (const watch of [...this.#watches]) watch.end(new WatchClosedError());
  }

  #withText(stored: KeyValue, value: string): KeyValue {
    return { ...stored, value, ...(this.#converter.isCurrent(stored.value) ? {} : { isStale: true }) };
  }

  #read(stored: KeyValue): KeyValue | Promise<KeyValue> {
    const known = this.#converted.get(stored);
    if (known !== undefined) return known;
    const texts = this.#converter.read([stored.value]);
    const converted =
      texts instanceof Promise
        ? texts.then(([text = ""]) => this.#withText(stored, text))
        : this.#withText(stored, texts[0] ?? "");
    this.#converted.set(stored, converted);
    // A webhook that failed is asked again.
    if (converted instanceof Promise) converted.catch(() => this.#converted.delete(stored));
    return converted;
  }

  #readEvent(event: BackendEvent): BackendEvent | Promise<BackendEvent> {
    const { type, previous } = event;
    const current = this.#read(event.current);
    const before = previous && this.#read(previous);
    if (current instanceof Promise || before instanceof Promise) {
      return Promise.all([current, before]).then(([now, then]) => ({
        type,
        current: now,
        ...(then === undefined ? {} : { previous: then }),
      }));
    }
    return { type, current, ...(before === undefined ? {} : { previous: before }) };
  }

  /** A conflict tells the present state, which is converted too. */
  async #inConflict<T>(write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error;
      throw new RevisionConflictError(error.expected, await this.#read(error.current));
    }
  }
}

/** One watch whose events may take a while to be converted; their order stays. */
class ConvertedWatch implements WatchHandle, WatchSink {
  readonly #sink: WatchSink;
  readonly #convert: (event: BackendEvent) => BackendEvent | Promise<BackendEvent>;
  readonly #onEnd: () => void;
  #inner: WatchHandle | undefined;
  #isOver = false;
  /** Settles when everything so far has been delivered; absent while nothing waits. */
  #pending: Promise<void> | undefined;
  #delivered = 0;

  constructor(
    sink: WatchSink,
    convert: (event: BackendEvent) => BackendEvent | Promise<BackendEvent>,
    onEnd: () => void,
  ) {
    this.#sink = sink;
    this.#convert = convert;
    this.#onEnd = onEnd;
  }

  follow(start: (sink: WatchSink) => WatchHandle): void {
    this.#inner = start(this);
    if (this.#isOver) this.#inner.stop();
  }

  revision(): number {
    return this.#pending === undefined ? (this.#inner?.revision() ?? this.#delivered) : this.#delivered;
  }

  stop(): void {
    this.#isOver = true;
    this.#inner?.stop();
    this.#onEnd();
  }

  events(events: readonly BackendEvent[], revision: number): void {
    const converted = events.map(this.#convert);
    const isReady = converted.every((event) => !(event instanceof Promise));
    if (this.#pending === undefined && isReady) {
      // None of them is a promise.
      this.#deliver(converted as readonly BackendEvent[], revision);
      return;
    }
    const all = Promise.all(converted);
    all.catch(() => {});
    const turn = (this.#pending ?? Promise.resolve())
      .then(async () => this.#deliver(await all, revision))
      .catch((error: unknown) => this.end(asError(error)))
      .finally(() => {
        if (this.#pending === turn) this.#pending = undefined;
      });
    this.#pending = turn;
  }

  end(error: Error): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.end(error);
  }

  #deliver(events: readonly BackendEvent[], revision: number): void {
    if (this.#isOver) return;
    this.#delivered = revision;
    this.#sink.events(events, revision);
  }
}
