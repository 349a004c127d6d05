import type { Indexer, KubernetesObject, Lister } from "./types.ts";

/** The key of an object: `namespace/name`, or `name` for a cluster-scoped one. */
export function objectKey(object: KubernetesObject): string {
  const { namespace, name = "" } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
}

/** The local copy that an informer keeps: objects by key, and keys by the values of each index. */
export class ObjectStore<T extends KubernetesObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: Readonly<Record<string, Indexer<T>>>;
  readonly #indices = new Map<string, Map<string, Set<string>>>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) this.#indices.set(name, new Map());
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()];
  }

  byIndex(index: string, value: string): readonly T[] {
    const values = this.#indices.get(index);
    if (values === undefined) throw new Error(`There is no index ${index}`);
    const found: T[] = [];
    for (const key of values.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  set(key: string, object: T): void {
    this.delete(key);
    this.#objects.set(key, object);
    this.#eachIndexValue(object, (keysByValue, value) => {
      const keys = keysByValue.get(value) ?? new Set();
      keys.add(key);
      keysByValue.set(value, keys);
    });
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    this.#eachIndexValue(object, (keysByValue, value) => {
      const keys = keysByValue.get(value);
      keys?.delete(key);
      if (keys?.size === 0) keysByValue.delete(value);
    });
  }

  #eachIndexValue(object: T, visit: (keysByValue: Map<string, Set<string>>, value: string) => void): void {
    for (const [name, indexer] of Object.entries(this.#indexers)) {
      const keysByValue = this.#indices.get(name);
      if (keysByValue === undefined) continue;
      for (const value of indexer(object)) visit(keysByValue, value);
    }
  }
}
