import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { type GroupResource, newAlreadyExists, newNotFound } from "../../apimachinery/status-errors.ts";
import type { ResourceDefinition } from "../../registry/resource-definition.ts";
import {
  type Backend,
  KeyExistsError,
  KeyNotFoundError,
  type KeyValue,
  RevisionConflictError,
} from "../../storage/backend.ts";
import { checkedSize } from "./checked-size.ts";
import { ComputedObjects } from "./computed-objects.ts";
import { ObjectCodec } from "./object-codec.ts";
import type { FinishWrite, WriteHooks } from "./write-hooks.ts";

/** What a write has made: the stored text, or with dry run only the object. */
export type Written =
  | { readonly stored: KeyValue; readonly object?: undefined }
  | { readonly stored?: undefined; readonly object: ApiObject };

/** What an update makes of an object: its new state, or that it is to go. */
export interface UpdateOutcome {
  readonly action: "store" | "delete";
  readonly object: ApiObject;
  /** Called when the write has been made or not. */
  readonly finish?: FinishWrite | undefined;
}

/** The objects of one resource. */
export class ObjectStore {
  readonly definition: ResourceDefinition;
  readonly codec: ObjectCodec;
  readonly backend: Backend;
  readonly groupResource: GroupResource;
  /** What the kind reserves beside its objects. */
  hooks?: WriteHooks;

  constructor(definition: ResourceDefinition, backend: Backend) {
    this.definition = definition;
    this.codec = new ObjectCodec(definition);
    const { compute, storagePrefix } = definition;
    this.backend =
      compute === undefined
        ? backend
        : new ComputedObjects(backend, storagePrefix, compute, (object) => this.codec.encode(object));
    this.groupResource = { group: definition.group, resource: definition.resource };
  }

  /** The prefix of all keys in a namespace, or in all where it is empty. */
  prefix(namespace: string): string {
    const { storagePrefix, namespaced } = this.definition;
    return namespaced && namespace !== "" ? `${storagePrefix}${namespace}/` : storagePrefix;
  }

  key(namespace: string, name: string): string {
    return this.prefix(namespace) + name;
  }

  /** Throws NotFound. */
  async get(namespace: string, name: string): Promise<KeyValue> {
    const stored = await this.backend.get(this.key(namespace, name));
    if (stored === undefined) throw newNotFound(this.groupResource, name);
    return stored;
  }

  /** Throws AlreadyExists. */
  async create(namespace: string, object: ApiObject, dryRun: boolean): Promise<Written> {
    const name = object.metadata.name ?? "";
    const key = this.key(namespace, name);
    if (dryRun) {
      if ((await this.backend.get(key)) !== undefined) throw newAlreadyExists(this.groupResource, name);
      return { object };
    }
    try {
      return { stored: await this.backend.create(key, checkedSize(key, this.codec.encode(object))) };
    } catch (error) {
      if (!(error instanceof KeyExistsError)) throw error;
      throw newAlreadyExists(this.groupResource, name);
    }
  }

  /**
   * Gives an object a new state made from its present one; where another write comes between, again from the newest, as
   * often as it takes: each time somebody else has come on. A state that is the same is not written. Throws NotFound,
   * and what `transform` throws.
   */
  async update(
    namespace: string,
    name: string,
    dryRun: boolean,
    transform: (existing: KeyValue) => Promise<UpdateOutcome> | UpdateOutcome,
  ): Promise<Written> {
    let existing = await this.get(namespace, name);
    for (;;) {
      const { action, object, finish } = await transform(existing);
      try {
        const written = dryRun ? { object } : { stored: await this.#write(existing, action, object) };
        await finish?.(true);
        return written;
      } catch (error) {
        await finish?.(false);
        if (error instanceof KeyNotFoundError) throw newNotFound(this.groupResource, name);
        if (!(error instanceof RevisionConflictError)) throw error;
        existing = error.current;
      }
    }
  }

  async #write(existing: KeyValue, action: UpdateOutcome["action"], object: ApiObject): Promise<KeyValue> {
    if (action === "delete") return this.#deleteAs(existing, object);
    const value = checkedSize(existing.key, this.codec.encode(object));
    if (value === existing.value && !existing.isStale) return existing;
    return this.backend.update(existing.key, value, existing.modRevision);
  }

  /** Deletes the key; the answer is the state that the update would have stored. */
  async #deleteAs(existing: KeyValue, object: ApiObject): Promise<KeyValue> {
    const deleted = await this.backend.delete(existing.key, existing.modRevision);
    await this.hooks?.afterDelete(this.codec.decode(deleted));
    return { ...deleted, value: this.codec.encode(object) };
  }
}
