import { isJsonObject, type JsonObject } from "../apimachinery/json/json-value.ts";
import { createInformer, type InformerEnvironment } from "./informer.ts";
import { SharedParts } from "./shared-parts.ts";
import type { GroupVersionResource, Informer, KubernetesClient, KubernetesObject } from "./types.ts";

/** The informers of one process, each resource listed and watched once however many look at it. */
export class SharedInformers {
  /** May list and watch everything: for informers of a selection, too. */
  readonly client: KubernetesClient;
  readonly #environment: InformerEnvironment;
  readonly #parts = new SharedParts();
  readonly #informers = new Map<string, Informer<KubernetesObject>>();
  readonly #running: Promise<void>[] = [];
  #signal: AbortSignal | undefined;

  constructor(client: KubernetesClient, environment: InformerEnvironment = {}) {
    this.client = client;
    this.#environment = environment;
  }

  /** The informer of a resource in all namespaces; made at the first call, run as soon as `run` was called. */
  informer<T extends KubernetesObject>(resource: GroupVersionResource): Informer<T> {
    const key = `${resource.resource}.${resource.version}.${resource.group}`;
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      const transform = (object: KubernetesObject) => compact(object, this.#parts);
      informer = createInformer(this.client, resource, { transform }, this.#environment);
      this.#informers.set(key, informer);
      if (this.#signal !== undefined) this.#running.push(informer.run(this.#signal));
    }
    // The resource says the type: whoever asks for pods gets an informer of Pods.
    return informer as unknown as Informer<T>;
  }

  /** Runs all informers until the signal; resolves when they have stopped. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    for (const informer of this.#informers.values()) this.#running.push(informer.run(signal));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.all(this.#running);
  }
}

/**
 * Who manages which field is much to keep, and no part of ours asks: an update without it changes nothing of it. What
 * objects are made of is kept once for all that are alike; their status is each one's own.
 */
function compact(object: KubernetesObject, parts: SharedParts): KubernetesObject {
  // An object is JSON.
  const { metadata, spec, ...rest } = object as unknown as JsonObject;
  if (!isJsonObject(metadata)) return object;
  const { managedFields: _managers, ...kept } = metadata;
  for (const name of ["labels", "annotations", "ownerReferences"]) {
    if (kept[name] !== undefined) kept[name] = parts.share(kept[name]);
  }
  const shared = spec === undefined ? {} : { spec: parts.share(spec) };
  return { ...rest, metadata: kept, ...shared } as unknown as KubernetesObject;
}
