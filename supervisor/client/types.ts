/** The shapes that controllers, the scheduler and hosts use to speak with an API server. */
import type { V1ListMeta, V1ObjectMeta } from "../api/generated/types.ts";

/** What every object of the API has. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
}

export interface KubernetesList<T> {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ListMeta;
  readonly items: readonly T[];
}

export interface GroupVersionResource {
  /** The empty text for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural, as in the path. */
  readonly resource: string;
}

/**
 * Sends one request to an API server. `path` begins with `/` and holds the query. Rejects only where no answer came
 * (a refused connection, a broken one, the signal); every answer, also an error status, resolves.
 */
export interface Transport {
  fetch(path: string, init?: TransportRequest): Promise<Response>;
}

export interface TransportRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly signal?: AbortSignal;
}

export interface WatchOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly signal: AbortSignal;
}

export interface WatchEvent<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: T;
}

export type PatchType =
  | "application/json-patch+json"
  | "application/merge-patch+json"
  | "application/strategic-merge-patch+json";

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: "Foreground" | "Background" | "Orphan";
}

/**
 * The verbs on one resource, in one namespace or (for reading) in all of them. Every method throws the `ApiError` of
 * `apimachinery/errors.ts` for an error status; ask its kind with `isNotFound`, `isConflict`, `isGone`, ….
 */
export interface ResourceClient<T extends KubernetesObject> {
  get(name: string): Promise<T>;
  list(options?: ListOptions): Promise<KubernetesList<T>>;
  create(object: T): Promise<T>;
  update(object: T): Promise<T>;
  updateStatus(object: T): Promise<T>;
  /** Replaces the object by its subresource, as `approval` and `finalize` do. */
  updateSubresource(object: T, subresource: string): Promise<T>;
  patch(name: string, patch: unknown, type: PatchType, subresource?: string): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  /** Deletes all that the selectors match. */
  deleteCollection(options?: DeleteOptions, selection?: ListOptions): Promise<void>;
  /** Creates an object at a subresource, as `binding` and `token` do; resolves with what the server answers. */
  createSubresource<R extends KubernetesObject>(name: string, subresource: string, object: R): Promise<R>;
  /** Ends normally when the server closes the stream; throws an `ApiError` for an ERROR event (410 as `isGone`). */
  watch(options: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

/** Makes resource clients: `client.resource<V1Pod>({ group: "", version: "v1", resource: "pods" }, "default")`. */
export interface KubernetesClient {
  resource<T extends KubernetesObject>(resource: GroupVersionResource, namespace?: string): ResourceClient<T>;
  readonly transport: Transport;
}

/** Reads an informer's local copy. Keys are `namespace/name`, or `name` for cluster-scoped resources. */
export interface Lister<T extends KubernetesObject> {
  get(key: string): T | undefined;
  list(): readonly T[];
  /** What the named indexer filed under `value`. Throws for an index that the informer was not made with. */
  byIndex(index: string, value: string): readonly T[];
}

export interface InformerHandlers<T extends KubernetesObject> {
  onAdd?(object: T): void;
  onUpdate?(object: T, previous: T): void;
  onDelete?(object: T): void;
}

/** Lists, then watches, then calls the handlers; survives broken streams, 410 and restarts of the server. */
export interface Informer<T extends KubernetesObject> extends Lister<T> {
  /** Adds handlers; those added late get `onAdd` for what is known already. */
  addHandlers(handlers: InformerHandlers<T>): void;
  /** Adds an index, also over what is known already. Does nothing where there is one of this name. */
  addIndexer(index: string, indexer: Indexer<T>): void;
  /** Resolves after the first whole list. */
  readonly synced: Promise<void>;
  /** Runs until the signal; resolves when it has stopped. */
  run(signal: AbortSignal): Promise<void>;
}

/** The values that an object is found under in one index. */
export type Indexer<T> = (object: T) => readonly string[];

export interface InformerOptions<T extends KubernetesObject = KubernetesObject> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly indexers?: Readonly<Record<string, Indexer<T>>>;
  /** Makes what is kept of an object; it keeps name, namespace, uid and resourceVersion. */
  readonly transform?: (object: T) => T;
}

/** Records events about an object; equal ones are counted, not repeated. Never throws, never blocks its caller. */
export interface EventRecorder {
  /** `fieldPath` names a part of the object, as `spec.containers{web}`. */
  event(
    object: KubernetesObject,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    fieldPath?: string,
  ): void;
}
