/** What the garbage collector does to objects, whatever their kinds. */
import type { V1OwnerReference } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { createMetadataClient } from "../../client/metadata-client.ts";
import type { DeleteOptions, KubernetesClient, ResourceClient, Transport } from "../../client/types.ts";
import type { MonitoredObject, ResourceMonitors } from "../resource-monitors.ts";
import { hasFinalizer } from "./finalizers.ts";
import { formatReference, type ObjectReference } from "./object-reference.ts";

/** An object in no namespace says that it is owned by one in a namespace: looking again does not help. */
export class NamespacedOwnerError extends Error {
  override readonly name = "NamespacedOwnerError";
}

type Metadata = MonitoredObject["metadata"];

const mergePatch = "application/merge-patch+json";
const maxConflicts = 5;

export class ObjectWriter {
  readonly #client: KubernetesClient;
  readonly #monitors: ResourceMonitors;

  constructor(transport: Transport, monitors: ResourceMonitors) {
    this.#client = createMetadataClient(transport);
    this.#monitors = monitors;
  }

  /** The object's newest state; undefined where it is gone, or another has its name now. */
  async get(reference: ObjectReference): Promise<Metadata | undefined> {
    try {
      const { metadata } = await this.#resource(reference).get(reference.name);
      return metadata.uid === reference.uid ? metadata : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Whether objects of this kind live in namespaces. Throws where there is no such kind, or not yet. */
  isNamespaced({ apiVersion, kind }: Pick<ObjectReference, "apiVersion" | "kind">): boolean {
    const resource = this.#monitors.resourceOf(apiVersion, kind);
    if (resource === undefined) throw new Error(`The API has no kind ${kind} of ${apiVersion}`);
    return resource.namespaced;
  }

  /** Deletes the object as it was looked at; false where it is gone already. */
  async delete(
    reference: ObjectReference,
    looked: Metadata,
    propagationPolicy: NonNullable<DeleteOptions["propagationPolicy"]>,
  ): Promise<boolean> {
    const resource = this.#resource(reference);
    const { uid, name } = reference;
    const options = { uid, propagationPolicy };
    try {
      await resource.delete(name, { ...options, resourceVersion: looked.resourceVersion });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      if (!isConflict(error)) throw error;
      const latest = await this.get(reference);
      if (latest === undefined) return false;
      // Changed since, but not in what decides.
      if (!equalJson(latest.ownerReferences ?? [], looked.ownerReferences ?? [])) throw error;
      await resource.delete(name, { ...options, resourceVersion: latest.resourceVersion });
      return true;
    }
  }

  /** Takes owners out of an object's references; nothing where it is gone or has none of them. */
  async removeOwners(reference: ObjectReference, uids: readonly string[]): Promise<void> {
    await this.#change(reference, ({ ownerReferences = [] }) => {
      const kept = ownerReferences.filter(({ uid }) => !uids.includes(uid));
      if (kept.length === ownerReferences.length) return undefined;
      return { ownerReferences: kept.length === 0 ? null : kept };
    });
  }

  /** Lets all owners of an object go before it. */
  async unblockOwners(reference: ObjectReference): Promise<void> {
    await this.#change(reference, ({ ownerReferences = [] }) => {
      if (!ownerReferences.some(({ blockOwnerDeletion }) => blockOwnerDeletion)) return undefined;
      const unblocked = (owner: V1OwnerReference) => ({ ...owner, blockOwnerDeletion: false });
      return { ownerReferences: ownerReferences.map(unblocked) };
    });
  }

  async removeFinalizer(reference: ObjectReference, finalizer: string): Promise<void> {
    await this.#change(reference, (metadata) => {
      if (!hasFinalizer(metadata, finalizer)) return undefined;
      const kept = metadata.finalizers?.filter((one) => one !== finalizer) ?? [];
      return { finalizers: kept.length === 0 ? null : kept };
    });
  }

  async #change(
    reference: ObjectReference,
    change: (metadata: Metadata) => object | undefined,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const latest = await this.get(reference);
      const changed = latest === undefined ? undefined : change(latest);
      if (latest === undefined || changed === undefined) return;
      const { uid, resourceVersion } = latest;
      try {
        const patch = { metadata: { uid, resourceVersion, ...changed } };
        await this.#resource(reference).patch(reference.name, patch, mergePatch);
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        if (!isConflict(error) || attempt === maxConflicts) throw error;
      }
    }
  }

  #resource(reference: ObjectReference): ResourceClient<MonitoredObject> {
    const { apiVersion, kind, namespace } = reference;
    const resource = this.#monitors.resourceOf(apiVersion, kind);
    if (resource === undefined) {
      throw new Error(`The API has no kind for ${formatReference(reference)}`);
    }
    if (!resource.namespaced) return this.#client.resource(resource);
    if (namespace === "") throw new NamespacedOwnerError(formatReference(reference));
    return this.#client.resource(resource, namespace);
  }
}
