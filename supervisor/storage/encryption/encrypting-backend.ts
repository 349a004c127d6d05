import {
  type Backend,
  type BackendEvent,
  type KeyValue,
  type RangeOptions,
  type RangeResult,
  RevisionConflictError,
  type WatchHandle,
  type WatchRoute,
  type WatchSink,
} from "../backend.ts";
import type { ValueCipher } from "./value-cipher.ts";

/** A store whose values under one prefix are encrypted; its users see them plain. */
export class EncryptingBackend implements Backend {
  readonly #store: Backend;
  readonly #prefix: string;
  #cipher: ValueCipher;
  /** Each state is decrypted once for all watches. */
  readonly #opened = new WeakMap<KeyValue, KeyValue>();

  constructor(store: Backend, prefix: string, cipher: ValueCipher) {
    this.#store = store;
    this.#prefix = prefix;
    this.#cipher = cipher;
  }

  /** Encrypts with other keys from now on; they must hold those of what is stored. */
  setCipher(cipher: ValueCipher): void {
    this.#cipher = cipher;
  }

  currentRevision(): number {
    return this.#store.currentRevision();
  }

  async get(key: string, revision?: number): Promise<KeyValue | undefined> {
    const stored = await this.#store.get(key, revision);
    return stored && this.#open(stored);
  }

  async range(options: RangeOptions): Promise<RangeResult> {
    const result = await this.#store.range(options);
    if (!this.#concerns(options.prefix)) return result;
    return { ...result, items: result.items.map((item) => this.#open(item)) };
  }

  async create(key: string, value: string): Promise<KeyValue> {
    return { ...(await this.#store.create(key, this.#seal(key, value))), value };
  }

  async update(key: string, value: string, expectedModRevision: number): Promise<KeyValue> {
    const stored = await this.#plainly(this.#store.update(key, this.#seal(key, value), expectedModRevision));
    return { ...stored, value };
  }

  async delete(key: string, expectedModRevision: number): Promise<KeyValue> {
    return this.#open(await this.#plainly(this.#store.delete(key, expectedModRevision)));
  }

  watch(prefix: string, afterRevision: number, sink: WatchSink, route?: WatchRoute): WatchHandle {
    if (!this.#concerns(prefix)) return this.#store.watch(prefix, afterRevision, sink, route);
    const opened: WatchSink = {
      events: (events, revision) =>
        sink.events(
          events.map((event) => this.#openEvent(event)),
          revision,
        ),
      end: (error) => sink.end(error),
    };
    const plainRoute = route && {
      ...route,
      read: (state: KeyValue): string => route.read(this.#open(state)),
    };
    return this.#store.watch(prefix, afterRevision, opened, plainRoute);
  }

  compact(revision: number): Promise<void> {
    return this.#store.compact(revision);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  /** Whether keys with this prefix can be encrypted ones. */
  #concerns(prefix: string): boolean {
    return prefix.startsWith(this.#prefix) || this.#prefix.startsWith(prefix);
  }

  #seal(key: string, value: string): string {
    return key.startsWith(this.#prefix) ? this.#cipher.encrypt(key, value) : value;
  }

  #open(stored: KeyValue): KeyValue {
    if (!stored.key.startsWith(this.#prefix)) return stored;
    const known = this.#opened.get(stored);
    if (known !== undefined) return known;
    const opened = { ...stored, value: this.#cipher.decrypt(stored.key, stored.value) };
    this.#opened.set(stored, opened);
    return opened;
  }

  #openEvent(event: BackendEvent): BackendEvent {
    const { current, previous } = event;
    const plain = this.#open(current);
    if (plain === current) return event;
    return {
      type: event.type,
      current: plain,
      ...(previous === undefined ? {} : { previous: this.#open(previous) }),
    };
  }

  /** A conflict tells the state that stands, plain. */
  async #plainly(write: Promise<KeyValue>): Promise<KeyValue> {
    try {
      return await write;
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error;
      throw new RevisionConflictError(error.expected, this.#open(error.current));
    }
  }
}
