import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { objectKey } from "../../client/object-store.ts";
import type { GroupVersionResource, Informer, KubernetesObject } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

/** What keeps objects of one kind while they are used. */
export interface Protection<T extends KubernetesObject> {
  readonly resource: GroupVersionResource;
  readonly finalizer: string;
  /** Whether somebody uses the object, by the newest that the API server knows. */
  isUsed(object: T): Promise<boolean> | boolean;
  /** What tells of the ends of uses, each with the keys of objects that may be free now. */
  readonly users: readonly ProtectionUser[];
}

interface ProtectionUser {
  readonly informer: Informer<KubernetesObject>;
  /** The keys of what an object uses. */
  uses(object: KubernetesObject): readonly string[];
}

/** An informer and what its objects use. */
export function protectionUser<T extends KubernetesObject>(
  informer: Informer<T>,
  uses: (object: T) => readonly string[],
): ProtectionUser {
  // The informer gives objects of its own type alone.
  return { informer: informer as unknown as Informer<KubernetesObject>, uses: (object) => uses(object as T) };
}

/** Puts a finalizer on objects and takes it off those that are being deleted and that nobody uses any more. */
export class ProtectionController<T extends KubernetesObject> implements Controller {
  readonly name: string;
  readonly #environment: ControllerEnvironment;
  readonly #protection: Protection<T>;
  readonly #objects: Informer<T>;
  readonly #queue: WorkQueue;

  constructor(name: string, environment: ControllerEnvironment, protection: Protection<T>) {
    this.name = name;
    this.#environment = environment;
    this.#protection = protection;
    this.#objects = environment.informers.informer<T>(protection.resource);
    this.#queue = new WorkQueue({ name, ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { users } = this.#protection;
    const add = (object: T): void => {
      if (this.#needsWork(object)) this.#queue.add(objectKey(object));
    };
    this.#objects.addHandlers({ onAdd: add, onUpdate: add });
    for (const { informer, uses } of users) {
      const release = (object: KubernetesObject): void => {
        for (const key of uses(object)) this.#noteRelease(key);
      };
      informer.addHandlers({ onUpdate: (_now, before) => release(before), onDelete: release });
    }
    if (!(await waitForSync(signal, this.#objects, ...users.map(({ informer }) => informer)))) return;
    await this.#queue.run(signal, 2, (key) => this.#protect(key));
  }

  #noteRelease(key: string): void {
    const object = this.#objects.get(key);
    if (object !== undefined && this.#needsWork(object)) this.#queue.add(key);
  }

  #needsWork({ metadata }: T): boolean {
    const has = metadata?.finalizers?.includes(this.#protection.finalizer) ?? false;
    return (metadata?.deletionTimestamp !== undefined) === has;
  }

  async #protect(key: string): Promise<WorkResult | undefined> {
    const object = this.#objects.get(key);
    if (object === undefined || !this.#needsWork(object)) return undefined;
    const { finalizer, resource } = this.#protection;
    const { namespace, finalizers = [], deletionTimestamp } = object.metadata ?? {};
    if (deletionTimestamp !== undefined && (await this.#protection.isUsed(object))) return undefined;
    const others = finalizers.filter((one) => one !== finalizer);
    const next = deletionTimestamp === undefined ? [...others, finalizer] : others;
    try {
      const client = this.#environment.client.resource<T>(resource, namespace);
      await client.update({ ...object, metadata: { ...object.metadata, finalizers: next } });
    } catch (error) {
      // Whatever changed it brings it here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    return undefined;
  }
}
