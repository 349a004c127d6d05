import { resourcePath, selectionQuery } from "./resource-path.ts";
import { readJson, toApiError } from "./response.ts";
import type {
  DeleteOptions,
  GroupVersionResource,
  KubernetesClient,
  KubernetesList,
  KubernetesObject,
  ListOptions,
  PatchType,
  ResourceClient,
  Transport,
  WatchEvent,
  WatchOptions,
} from "./types.ts";
import { decodeWatch } from "./watch-stream.ts";

/** Makes a client of the API server that the transport leads to. */
export function createClient(transport: Transport): KubernetesClient {
  return {
    transport,
    resource: (resource, namespace) => new RestResourceClient(transport, resource, namespace),
  };
}

class RestResourceClient<T extends KubernetesObject> implements ResourceClient<T> {
  readonly #transport: Transport;
  readonly #resource: GroupVersionResource;
  readonly #namespace: string | undefined;

  constructor(transport: Transport, resource: GroupVersionResource, namespace?: string) {
    this.#transport = transport;
    this.#resource = resource;
    this.#namespace = namespace;
  }

  get(name: string): Promise<T> {
    return this.#send<T>("GET", this.#path(name));
  }

  async list(options: ListOptions = {}): Promise<KubernetesList<T>> {
    const { signal, ...selection } = options;
    const path = this.#path() + selectionQuery(selection);
    const response = await this.#transport.fetch(path, signal ? { signal } : {});
    return withItemKinds(await readJson<KubernetesList<T>>(response));
  }

  create(object: T): Promise<T> {
    return this.#send<T>("POST", this.#path(), object);
  }

  update(object: T): Promise<T> {
    return this.#send<T>("PUT", this.#path(nameOf(object)), object);
  }

  updateStatus(object: T): Promise<T> {
    return this.updateSubresource(object, "status");
  }

  updateSubresource(object: T, subresource: string): Promise<T> {
    return this.#send<T>("PUT", this.#path(nameOf(object), subresource), object);
  }

  patch(name: string, patch: unknown, type: PatchType, subresource?: string): Promise<T> {
    return this.#send<T>("PATCH", this.#path(name, subresource), patch, type);
  }

  async delete(name: string, options?: DeleteOptions): Promise<void> {
    await this.#send("DELETE", this.#path(name), deleteBody(options));
  }

  async deleteCollection(options?: DeleteOptions, selection: ListOptions = {}): Promise<void> {
    await this.#send("DELETE", this.#path() + selectionQuery(selection), deleteBody(options));
  }

  createSubresource<R extends KubernetesObject>(name: string, subresource: string, object: R): Promise<R> {
    return this.#send<R>("POST", this.#path(name, subresource), object);
  }

  async *watch(options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const { signal, allowWatchBookmarks, ...selection } = options;
    const extra = { watch: "true", ...(allowWatchBookmarks ? { allowWatchBookmarks: "true" } : {}) };
    const response = await this.#transport.fetch(this.#path() + selectionQuery(selection, extra), { signal });
    if (!response.ok) throw await toApiError(response);
    if (response.body !== null) yield* decodeWatch<T>(response.body, signal);
  }

  #path(name?: string, subresource?: string): string {
    return resourcePath(this.#resource, this.#namespace, name, subresource);
  }

  async #send<R>(method: string, path: string, body?: unknown, type = "application/json"): Promise<R> {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": type } };
    return await readJson<R>(await this.#transport.fetch(path, { method, ...content }));
  }
}

function nameOf(object: KubernetesObject): string {
  const name = object.metadata?.name;
  if (name === undefined)
    throw new Error(`A ${object.kind ?? "object"} without metadata.name cannot be updated`);
  return name;
}

function deleteBody(options: DeleteOptions | undefined): object | undefined {
  if (options === undefined) return undefined;
  const { uid, resourceVersion, ...rest } = options;
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return { kind: "DeleteOptions", apiVersion: "v1", ...rest, preconditions };
}

/** The items of a typed list say neither kind nor version: the list's own say them. */
function withItemKinds<T extends KubernetesObject>(list: KubernetesList<T>): KubernetesList<T> {
  const kind = list.kind?.replace(/List$/, "");
  const { apiVersion } = list;
  if (kind === undefined || apiVersion === undefined) return list;
  const items = list.items.map((item) => (item.kind === undefined ? { ...item, apiVersion, kind } : item));
  return { ...list, items };
}
