import type { Labels } from "../../../apimachinery/labels.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { apiVersionOf, type ResourceDefinition } from "../../../registry/resource-definition.ts";
import type { ResourceIndex } from "../../resource-index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import type { AdmissionRequest } from "../admission.ts";
import { type AdmissionTarget, admissionTarget } from "./admission-target.ts";
import type { MatchSubject } from "./match-resources.ts";

/** A write as policies look at it: each thing they may ask for is found once. */
export class PolicySubject implements MatchSubject {
  readonly request: AdmissionRequest;
  readonly target: AdmissionTarget;
  readonly #index: ResourceIndex;
  #namespace: Promise<ApiObject> | undefined;
  #equivalents: readonly AdmissionTarget[] | undefined;

  constructor(request: AdmissionRequest, index: ResourceIndex) {
    this.request = request;
    this.target = admissionTarget(request);
    this.#index = index;
  }

  get object(): ApiObject | undefined {
    return this.request.object;
  }

  get old(): ApiObject | undefined {
    return this.request.old;
  }

  equivalents(): readonly AdmissionTarget[] {
    this.#equivalents ??= this.#otherStores().map(({ definition }) => {
      const { group, version, resource, kind } = definition;
      return { ...this.target, group, version, resource, kind: { group, version, kind } };
    });
    return this.#equivalents;
  }

  /** The resources that store the same objects. */
  #otherStores(): ObjectStore[] {
    const own = this.request.context.store.definition;
    if (this.request.context.subresource !== undefined && this.request.context.subresource.type !== "part")
      return [];
    return this.#index.groupVersions.flatMap(({ definitions }) =>
      definitions.flatMap((definition) => {
        if (definition === own || definition.storagePrefix !== own.storagePrefix) return [];
        const store = this.#index.store(definition.group, definition.version, definition.resource);
        return store === undefined ? [] : [store];
      }),
    );
  }

  /** Whether the write is of the object itself and not of another kind's body. */
  get isWhole(): boolean {
    const { subresource } = this.request.context;
    return subresource === undefined || subresource.type === "part";
  }

  /** The resource that a target names: the request's own, or the same objects by another version. */
  storeOf({ group, version, resource }: AdmissionTarget): ObjectStore {
    return this.#index.store(group, version, resource) ?? this.request.context.store;
  }

  /** A state of the object in the version of `target`. */
  inVersionOf(target: AdmissionTarget, state: ApiObject | undefined): ApiObject | undefined {
    if (state === undefined || target === this.target) return state;
    return converted(state, this.request.context.store.definition, this.storeOf(target).definition);
  }

  /** Makes the new state, which is in the version of `target`, the one that is admitted. */
  replace(target: AdmissionTarget, state: ApiObject): void {
    const { object, context } = this.request;
    if (object === undefined) return;
    const next =
      target === this.target
        ? state
        : converted(state, this.storeOf(target).definition, context.store.definition);
    for (const field of Object.keys(object)) if (next[field] === undefined) delete object[field];
    Object.assign(object, next);
  }

  /** The namespace that the object is in, undefined for what is in none. Rejects with NotFound. */
  namespace(): Promise<ApiObject> | undefined {
    const { namespace, isNamespace } = this.target;
    if (namespace === "" || isNamespace) return undefined;
    this.#namespace ??= this.#readNamespace(namespace);
    return this.#namespace;
  }

  async namespaceLabels(): Promise<Labels> {
    return (await this.namespace())?.metadata.labels ?? {};
  }

  async #readNamespace(name: string): Promise<ApiObject> {
    const store = this.#index.store("", "v1", "namespaces");
    if (store === undefined) throw new RangeError("Namespaces are not served");
    return store.codec.decode(await store.get("", name));
  }
}

/** An object in another version of its resource, by way of the stored one. */
function converted(state: ApiObject, from: ResourceDefinition, to: ResourceDefinition): ApiObject {
  const stored = from.view?.toStorage(state) ?? state;
  return { ...(to.view?.fromStorage(stored) ?? stored), kind: to.kind, apiVersion: apiVersionOf(to) };
}
