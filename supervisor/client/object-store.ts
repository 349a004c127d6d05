import type { Indexer, KubernetesObject, Lister } from "./types.ts";

/** The key of an object: `namespace/name`, or `name` for a cluster-scoped one. */
export function objectKey(object: KubernetesObject): string {
  const { namespace, name = "" } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : name;
}

interface Index<T> {
  readonly indexer: Indexer<T>;
  readonly keysByValue: Map<string, Set<string>>;
}

/** The local copy that an informer keeps: objects by key, and keys by the values of each index. */
export class ObjectStore<T extends KubernetesObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indices = new Map<string, Index<T>>();

  constructor(indexers: Readonly<Record<string, Indexer<T>>> = {}) {
    for (const [name, indexer] of Object.entries(indexers)) this.addIndexer(name, indexer);
  }

  addIndexer(name: string, indexer: Indexer<T>): void {
    if (this.#indices.has(name)) return;
    const index = { indexer, keysByValue: new Map() };
    this.#indices.set(name, index);
    for (const [key, object] of this.#objects) file(index, key, object);
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
    const found = this.#indices.get(index);
    if (found === undefined) throw new Error(`There is no index ${index}`);
    const objects: T[] = [];
    for (const key of found.keysByValue.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) objects.push(object);
    }
    return objects;
  }

  set(key: string, object: T): void {
    this.delete(key);
    this.#objects.set(key, object);
    for (const index of this.#indices.values()) file(index, key, object);
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    for (const index of this.#indices.values()) unfile(index, key, object);
  }
}

function file<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.indexer(object)) {
    const keys = index.keysByValue.get(value) ?? new Set();
    keys.add(key);
    index.keysByValue.set(value, keys);
  }
}

function unfile<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.indexer(object)) {
    const keys = index.keysByValue.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keysByValue.delete(value);
  }
}
