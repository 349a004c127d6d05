import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { Logger } from "../../base/logging.ts";
import type { Backend, BackendEvent, KeyValue, WatchHandle } from "../../storage/backend.ts";
import { pagesOf } from "../../storage/pages-of.ts";
import { StoredReader } from "./managers-text.ts";

export interface ObjectCacheOptions<T> {
  readonly backend: Backend;
  readonly logger: Logger;
  /** All keys of the resource begin with this: `/registry/roles/`. */
  readonly prefix: string;
  /** Makes what is kept of an object; undefined keeps nothing of it. */
  keep(object: ApiObject, stored: KeyValue): T | undefined;
}

/**
 * What requests need to know of all objects of a resource, such as roles and webhooks, kept in memory by a watch of the
 * store. Events come before their write is answered: whoever has seen a write is answered by its state.
 */
export class ObjectCache<T> {
  readonly #options: ObjectCacheOptions<T>;
  /** By the key without the prefix: `name` or `namespace/name`. */
  readonly #entries = new Map<string, T>();
  readonly #reader = new StoredReader();
  readonly #listeners = new Set<(id: string, entry: T | undefined) => void>();
  #watch: WatchHandle | undefined;
  #stopped = false;

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
  }

  /** Reads all and follows the store until {@link stop}. */
  async start(): Promise<void> {
    const { backend, prefix, logger } = this.#options;
    let revision = 0;
    for await (const page of pagesOf(backend, prefix, "snapshot")) {
      revision = page.revision;
      for (const item of page.items) this.#put(item);
    }
    this.#watch = backend.watch(prefix, revision, {
      events: (events) => {
        for (const event of events) this.#apply(event);
      },
      end: (error) => {
        if (!this.#stopped) logger.error("The watch of a cache ended", { prefix, error });
      },
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.stop();
  }

  /** `id` is the name, or `namespace/name`. */
  get(id: string): T | undefined {
    return this.#entries.get(id);
  }

  values(): IterableIterator<T> {
    return this.#entries.values();
  }

  entries(): IterableIterator<[string, T]> {
    return this.#entries.entries();
  }

  /** Calls `listener` at each change from now on, with undefined for what is gone; the result ends that. */
  onChange(listener: (id: string, entry: T | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply({ type, current }: BackendEvent): void {
    if (type === "delete") this.#set(current.key, undefined);
    else this.#put(current);
  }

  #put(stored: KeyValue): void {
    const object = this.#reader.read(stored.value);
    object.metadata.resourceVersion = String(stored.modRevision);
    this.#set(stored.key, this.#options.keep(object, stored));
  }

  #set(key: string, entry: T | undefined): void {
    const id = key.slice(this.#options.prefix.length);
    if (entry === undefined) this.#entries.delete(id);
    else this.#entries.set(id, entry);
    for (const listener of this.#listeners) listener(id, entry);
  }
}
