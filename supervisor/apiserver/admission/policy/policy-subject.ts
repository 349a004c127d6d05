import type { Labels } from "../../../apimachinery/labels.ts";
import type { ApiObject } from "../../../apimachinery/object-meta.ts";
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

  /** A state of the object in the version of `target`. */
  inVersionOf(target: AdmissionTarget, state: ApiObject | undefined): ApiObject | undefined {
    if (state === undefined || target === this.target) return state;
    const from = this.request.context.store.definition;
    const to = this.#index.store(target.group, target.version, target.resource)?.definition;
    if (to === undefined) return state;
    const stored = from.view?.toStorage(state) ?? state;
    const apiVersion = target.group === "" ? target.version : `${target.group}/${target.version}`;
    return { ...(to.view?.fromStorage(stored) ?? stored), kind: to.kind, apiVersion };
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
