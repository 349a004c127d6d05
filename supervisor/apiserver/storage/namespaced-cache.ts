import { ObjectCache, type ObjectCacheOptions } from "./object-cache.ts";

/** An {@link ObjectCache} whose objects are found by their namespace, at no cost where it has none. */
export class NamespacedCache<T> {
  readonly #cache: ObjectCache<T>;
  readonly #byNamespace = new Map<string, Map<string, T>>();

  constructor(options: ObjectCacheOptions<T>) {
    this.#cache = new ObjectCache(options);
    this.#cache.onChange((id, entry) => this.#note(id, entry));
  }

  start(): Promise<void> {
    return this.#cache.start();
  }

  stop(): void {
    this.#cache.stop();
  }

  /** By name; undefined where there is none. */
  in(namespace: string): ReadonlyMap<string, T> | undefined {
    return this.#byNamespace.get(namespace);
  }

  #note(id: string, entry: T | undefined): void {
    const slash = id.indexOf("/");
    const [namespace, name] = [id.slice(0, slash), id.slice(slash + 1)];
    const entries = this.#byNamespace.get(namespace) ?? new Map<string, T>();
    if (entry === undefined) entries.delete(name);
    else entries.set(name, entry);
    if (entries.size === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, entries);
  }
}
