import { isGone } from "../apimachinery/errors.ts";
import { type Clock, clockSleep, systemClock } from "../base/clock.ts";
import { asError } from "../base/errors.ts";
import type { Logger } from "../base/logging.ts";
import { Backoff } from "./backoff.ts";
import { ObjectStore, objectKey } from "./object-store.ts";
import { SilenceGuard } from "./silence-guard.ts";
import type {
  GroupVersionResource,
  Indexer,
  Informer,
  InformerHandlers,
  InformerOptions,
  KubernetesClient,
  KubernetesObject,
  ResourceClient,
  WatchEvent,
} from "./types.ts";

/** A list is read in pages of this many items (client-go's reflector). */
const pageSize = 500;
/** A watch that lasted this long, or brought an event, was a good one: the next may follow at once. */
const goodWatchMs = 5_000;

export interface InformerEnvironment {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
}

/** Makes an informer of one resource, in one namespace or in all. Nothing runs before `run`. */
export function createInformer<T extends KubernetesObject>(
  client: KubernetesClient,
  resource: GroupVersionResource,
  options: InformerOptions<T> = {},
  environment: InformerEnvironment = {},
): Informer<T> {
  return new ResourceInformer<T>(
    client.resource<T>(resource, options.namespace),
    resource.resource,
    options,
    environment,
  );
}

class ResourceInformer<T extends KubernetesObject> implements Informer<T> {
  readonly synced: Promise<void>;
  readonly #client: ResourceClient<T>;
  readonly #name: string;
  readonly #selection: { readonly labelSelector?: string; readonly fieldSelector?: string };
  readonly #store: ObjectStore<T>;
  readonly #handlers: InformerHandlers<T>[] = [];
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #logger: Logger | undefined;
  readonly #markSynced: () => void;
  readonly #transform: (object: T) => T;
  /** Where the next watch goes on; undefined when a list must come first. */
  #resourceVersion: string | undefined;

  constructor(
    client: ResourceClient<T>,
    name: string,
    options: InformerOptions<T>,
    environment: InformerEnvironment,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#markSynced = resolve;
    this.#client = client;
    this.#name = name;
    const { labelSelector, fieldSelector } = options;
    this.#selection = {
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    };
    this.#store = new ObjectStore(options.indexers);
    this.#transform = options.transform ?? ((object) => object);
    this.#clock = environment.clock ?? systemClock;
    this.#logger = environment.logger;
    const { random } = environment;
    this.#backoff = new Backoff({
      initialMs: 200,
      maxMs: 10_000,
      ...(random === undefined ? {} : { random }),
    });
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  list(): readonly T[] {
    return this.#store.list();
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value);
  }

  addHandlers(handlers: InformerHandlers<T>): void {
    this.#handlers.push(handlers);
    for (const object of this.#store.list()) this.#call(() => handlers.onAdd?.(object));
  }

  addIndexer(index: string, indexer: Indexer<T>): void {
    this.#store.addIndexer(index, indexer);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let good = false;
      try {
        if (this.#resourceVersion === undefined) await this.#relist(signal);
        good = await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#noteFailure(error);
      }
      if (good) this.#backoff.reset();
      else await clockSleep(this.#clock, this.#backoff.next(), signal);
    }
  }

  #noteFailure(error: unknown): void {
    if (isGone(error)) {
      this.#logger?.debug("Watch is too old, listing again", { resource: this.#name });
      this.#resourceVersion = undefined;
      return;
    }
    const cause = asError(error);
    this.#logger?.warn("Cannot list or watch, trying again", { resource: this.#name, error: cause });
  }

  async #relist(signal: AbortSignal): Promise<void> {
    const { objects, resourceVersion } = await this.#listAll(signal);
    for (const key of this.#store.keys()) if (!objects.has(key)) this.#remove(key);
    for (const [key, object] of objects) this.#put(key, object);
    this.#resourceVersion = resourceVersion;
    this.#markSynced();
  }

  /** The whole list by pages; in one go where the list changes so fast that a page's continue token expires. */
  async #listAll(signal: AbortSignal): Promise<{ objects: Map<string, T>; resourceVersion: string }> {
    const objects = new Map<string, T>();
    let paged = true;
    let next: string | undefined;
    for (;;) {
      const page = {
        ...(paged ? { limit: pageSize } : {}),
        ...(next === undefined ? {} : { continue: next }),
      };
      try {
        const list = await this.#client.list({ ...this.#selection, ...page, signal });
        for (const object of list.items) objects.set(objectKey(object), this.#transform(object));
        next = list.metadata?.continue || undefined;
        if (next === undefined) return { objects, resourceVersion: list.metadata?.resourceVersion ?? "" };
      } catch (error) {
        if (!isGone(error) || next === undefined) throw error;
        objects.clear();
        next = undefined;
        paged = false;
      }
    }
  }

  /** Watches until the stream ends; returns whether it was a good one. */
  async #watch(signal: AbortSignal): Promise<boolean> {
    const startedAt = this.#clock.now();
    const silence = new SilenceGuard(this.#clock, signal);
    let events = 0;
    try {
      const stream = this.#client.watch({
        ...this.#selection,
        ...(this.#resourceVersion === undefined ? {} : { resourceVersion: this.#resourceVersion }),
        allowWatchBookmarks: true,
        signal: silence.signal,
      });
      for await (const event of stream) {
        if (event.type !== "BOOKMARK") events++;
        silence.heard();
        this.#apply(event);
      }
    } catch (error) {
      if (!silence.signal.aborted || signal.aborted) throw error;
    } finally {
      silence.stop();
    }
    return events > 0 || this.#clock.now() - startedAt >= goodWatchMs;
  }

  #apply(event: WatchEvent<T>): void {
    const object = event.type === "BOOKMARK" ? event.object : this.#transform(event.object);
    if (event.type === "DELETED") this.#remove(objectKey(object), object);
    else if (event.type !== "BOOKMARK") this.#put(objectKey(object), object);
    this.#resourceVersion = object.metadata?.resourceVersion ?? this.#resourceVersion;
  }

  #put(key: string, object: T): void {
    const previous = this.#store.get(key);
    if (previous !== undefined && previous.metadata?.uid !== object.metadata?.uid) {
      // Deleted and made anew while nobody watched: another object, not a change of the old one.
      this.#remove(key);
      this.#put(key, object);
      return;
    }
    if (previous !== undefined && isSameVersion(previous, object)) return;
    this.#store.set(key, object);
    for (const handlers of this.#handlers) {
      this.#call(() =>
        previous === undefined ? handlers.onAdd?.(object) : handlers.onUpdate?.(object, previous),
      );
    }
  }

  #remove(key: string, last?: T): void {
    const object = last ?? this.#store.get(key);
    const known = this.#store.get(key) !== undefined;
    this.#store.delete(key);
    if (object === undefined || !known) return;
    for (const handlers of this.#handlers) this.#call(() => handlers.onDelete?.(object));
  }

  #call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      const cause = asError(error);
      this.#logger?.error("A handler of an informer failed", { resource: this.#name, error: cause });
    }
  }
}

function isSameVersion(a: KubernetesObject, b: KubernetesObject): boolean {
  const version = a.metadata?.resourceVersion;
  return version !== undefined && version === b.metadata?.resourceVersion;
}
