import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { newMethodNotAllowed } from "../../apimachinery/status-errors.ts";
import type { Backend, KeyValue, RangeOptions, RangeResult, WatchHandle } from "../../storage/backend.ts";

type Encode = (object: ApiObject) => string;

/** What is made anew whenever it is read, as if it were stored; nobody else keeps or changes it. */
export class ComputedObjects implements Backend {
  readonly #backend: Backend;
  readonly #prefix: string;
  readonly #compute: () => readonly ApiObject[];
  readonly #encode: Encode;

  constructor(backend: Backend, prefix: string, compute: () => readonly ApiObject[], encode: Encode) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#compute = compute;
    this.#encode = encode;
  }

  currentRevision(): number {
    return this.#backend.currentRevision();
  }

  async get(key: string): Promise<KeyValue | undefined> {
    return this.#all().find((stored) => stored.key === key);
  }

  /** All at once, whatever the limit: they are a handful. */
  async range({ after = "" }: RangeOptions): Promise<RangeResult> {
    const items = this.#all().filter(({ key }) => key > after);
    return { items, revision: this.currentRevision(), remaining: 0 };
  }

  #all(): readonly KeyValue[] {
    return this.#compute().map((object) => {
      const key = this.#prefix + (object.metadata.name ?? "");
      return { key, value: this.#encode(object), createRevision: 0, modRevision: 0 };
    });
  }

  async create(): Promise<never> {
    throw newMethodNotAllowed();
  }

  async update(): Promise<never> {
    throw newMethodNotAllowed();
  }

  async delete(): Promise<never> {
    throw newMethodNotAllowed();
  }

  watch(): WatchHandle {
    throw newMethodNotAllowed();
  }

  async compact(): Promise<void> {}

  async close(): Promise<void> {}
}
