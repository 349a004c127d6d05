import type { KubernetesList, KubernetesObject } from "../../../supervisor/client/types.ts";
import type { Api, DeletionOptions, PatchKind } from "./api.ts";
import type { WatchReader } from "./watch-reader.ts";

export interface Selection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Where a watch begins. */
  readonly resourceVersion?: string;
}

export interface Patching {
  readonly kind?: PatchKind;
  readonly subresource?: string;
}

/** The objects of one resource at one path, as `/api/v1/namespaces/default/pods`. */
export class Collection<T extends KubernetesObject> {
  readonly #api: Api;
  readonly #path: string;

  constructor(api: Api, path: string) {
    this.#api = api;
    this.#path = path;
  }

  /** The path of one object, or of one of its subresources. */
  at(name: string, subresource?: string): string {
    return `${this.#path}/${name}${subresource === undefined ? "" : `/${subresource}`}`;
  }

  create(object: T): Promise<T> {
    return this.#api.create(this.#path, object);
  }

  get(name: string, subresource?: string): Promise<T> {
    return this.#api.get(this.at(name, subresource));
  }

  /** What the server answers to a request for the object: 404 where there is none. */
  async statusOf(name: string): Promise<number> {
    return (await this.#api.call("GET", this.at(name))).status;
  }

  list(selection: Selection = {}): Promise<KubernetesList<T>> {
    return this.#api.get(this.#path + queryOf(selection));
  }

  async items(selection: Selection = {}): Promise<readonly T[]> {
    return (await this.list(selection)).items;
  }

  patch(name: string, patch: object, { kind = "merge-patch", subresource }: Patching = {}): Promise<T> {
    return this.#api.patch(this.at(name, subresource), patch, kind);
  }

  /** Reads, changes and replaces, again where somebody else wrote in between. */
  update(name: string, change: (object: T) => T, subresource?: string): Promise<T> {
    return this.#api.update(this.at(name, subresource), change);
  }

  delete(name: string, options?: DeletionOptions): Promise<unknown> {
    return this.#api.delete(this.at(name), options);
  }

  deleteAll(selection: Selection): Promise<unknown> {
    return this.#api.delete(this.#path + queryOf(selection));
  }

  /** Waits until the object is gone. */
  gone(name: string): Promise<void> {
    return this.#api.gone(this.at(name));
  }

  watch(selection: Selection = {}): Promise<WatchReader<T>> {
    return this.#api.watch(this.#path + queryOf(selection));
  }

  /** Watches as informers do: what is there comes first, then a bookmark that says so, which has come here. */
  async stream(selection: Selection = {}): Promise<WatchReader<T>> {
    const wholeState = {
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
      allowWatchBookmarks: "true",
    };
    const watch = await this.#api.watch<T>(this.#path + queryOf({ ...selection, ...wholeState }));
    await watch.until("BOOKMARK", ({ metadata }) => {
      return metadata?.annotations?.["k8s.io/initial-events-end"] === "true";
    });
    return watch;
  }
}

function queryOf(selection: Selection): string {
  const query = new URLSearchParams(Object.entries(selection)).toString();
  return query === "" ? "" : `?${query}`;
}

/** The object's name; it must have one. */
export function nameOf(object: KubernetesObject): string {
  const name = object.metadata?.name;
  if (name === undefined) throw new Error(`${object.kind ?? "An object"} has no name`);
  return name;
}

/** The object with one more label. */
export function labelled<T extends KubernetesObject>(object: T, key: string, value: string): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata?.labels, [key]: value } } };
}

/** The object with one more annotation, whose value is `true`. */
export function annotated<T extends KubernetesObject>(object: T, key: string): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata?.annotations, [key]: "true" } } };
}

/** Whether the second version was written after the first. */
export function isNewer(before: KubernetesObject, after: KubernetesObject): boolean {
  const version = ({ metadata }: KubernetesObject) => BigInt(metadata?.resourceVersion ?? "");
  return version(after) > version(before);
}
