import { cloneJson, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import type { Labels } from "../../../apimachinery/labels.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
import { apiVersionOf, type ResourceDefinition } from "../../../registry/resource-definition.ts";
import { decodeObject } from "../../negotiation/decode-object.ts";
import { expectedKindOf } from "../../negotiation/read-body.ts";
import type { ResourceIndex } from "../../resource-index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";
import type { AdmissionRequest } from "../admission.ts";
import { type AdmissionTarget, admissionTarget } from "./admission-target.ts";
import type { MatchSubject } from "./match-resources.ts";

/** What a write is about, as one version has it. */
interface States {
  readonly object: ApiObject | undefined;
  readonly old: ApiObject | undefined;
}

/** A write as policies look at it: each thing they may ask for is found once. */
export class PolicySubject implements MatchSubject {
  readonly request: AdmissionRequest;
  readonly target: AdmissionTarget;
  readonly #index: ResourceIndex;
  #namespace: Promise<ApiObject> | undefined;
  #equivalents: readonly AdmissionTarget[] | undefined;
  /** The states in the versions that rules have named, by their `apiVersion`. */
  readonly #prepared = new Map<string, Promise<States>>();
  readonly #states = new Map<string, States>();

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
      const place = { ...this.target, group, version, resource };
      return this.isWhole ? { ...place, kind: { group, version, kind } } : place;
    });
    return this.#equivalents;
  }

  /** The resources that store the same objects. */
  #otherStores(): ObjectStore[] {
    const own = this.request.context.store.definition;
    const { subresource } = this.target;
    return this.#index.groupVersions.flatMap(({ definitions }) =>
      definitions.flatMap((definition) => {
        if (definition === own || definition.storagePrefix !== own.storagePrefix) return [];
        if (subresource !== "" && definition.subresources[subresource] === undefined) return [];
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

  #isOtherVersion(target: AdmissionTarget): boolean {
    return target !== this.target && this.isWhole;
  }

  /** Converts the states to the version of `target`, for {@link inVersionOf}. Rejects with InternalError. */
  async prepare(target: AdmissionTarget): Promise<void> {
    if (!this.#isOtherVersion(target)) return;
    const apiVersion = apiVersionOf(target);
    const prepared = this.#prepared.get(apiVersion) ?? this.#statesIn(target);
    this.#prepared.set(apiVersion, prepared);
    this.#states.set(apiVersion, await prepared);
  }

  async #statesIn(target: AdmissionTarget): Promise<States> {
    const from = this.request.context.store.definition;
    const to = this.storeOf(target).definition;
    const [object, old] = await Promise.all(
      [this.object, this.old].map((state) => state && converted(state, from, to)),
    );
    return { object, old };
  }

  /** A state of the object in the version of `target`, for which {@link prepare} is done. */
  inVersionOf(target: AdmissionTarget, state: ApiObject | undefined): ApiObject | undefined {
    if (state === undefined || !this.#isOtherVersion(target)) return state;
    const states = this.#states.get(apiVersionOf(target));
    if (states === undefined) throw new RangeError(`Nothing was converted to ${apiVersionOf(target)}`);
    return state === this.object ? states.object : states.old;
  }

  /**
   * What was made of the object in the version of `target`, read as a client's object is. A custom resource in another
   * version keeps what only its own knows until it is converted back. Throws BadRequest.
   */
  read(target: AdmissionTarget, made: JsonObject, validation: "Ignore" | "Strict"): ApiObject {
    // It was made of an object of the kind.
    if (!this.isWhole) return made as unknown as ApiObject;
    const { definition } = this.storeOf(target);
    const keeps = definition.custom !== undefined && this.#isOtherVersion(target);
    const object = keeps
      ? (made as unknown as ApiObject)
      : decodeObject(made, expectedKindOf(definition), { validation, warnings: [] });
    definition.strategy.setDefaults?.(object);
    return object;
  }

  /**
   * Makes the new state, which is in the version of `target`, the one that is admitted. Rejects with InternalError and
   * BadRequest.
   */
  async replace(target: AdmissionTarget, state: ApiObject): Promise<void> {
    const { object } = this.request;
    if (object === undefined) return;
    const isOther = this.#isOtherVersion(target);
    const next = isOther ? await this.#convertedBack(target, state) : state;
    for (const field of Object.keys(object)) if (next[field] === undefined) delete object[field];
    Object.assign(object, next);
    const old = isOther ? this.inVersionOf(target, this.old) : undefined;
    this.#prepared.clear();
    this.#states.clear();
    if (!isOther) return;
    this.#prepared.set(apiVersionOf(target), Promise.resolve({ object: state, old }));
    await this.prepare(target);
  }

  async #convertedBack(target: AdmissionTarget, state: ApiObject): Promise<ApiObject> {
    const own = this.request.context.store.definition;
    const made = await converted(state, this.storeOf(target).definition, own);
    if (own.custom === undefined) return made;
    // An object is JSON.
    const fields = made as unknown as JsonObject;
    return decodeObject(fields, expectedKindOf(own), { validation: "Ignore", warnings: [] });
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

/** An object in another version of its resource; a built-in kind's by way of the stored one. */
async function converted(
  state: ApiObject,
  from: ResourceDefinition,
  to: ResourceDefinition,
): Promise<ApiObject> {
  if (from.custom !== undefined) {
    // Objects are JSON; the conversion gets its own copy.
    const copy = cloneJson(state as unknown as JsonObject);
    return (await from.custom.versions.convert(copy, apiVersionOf(to))) as unknown as ApiObject;
  }
  const stored = from.view?.toStorage(state) ?? state;
  return { ...(to.view?.fromStorage(stored) ?? stored), kind: to.kind, apiVersion: apiVersionOf(to) };
}
