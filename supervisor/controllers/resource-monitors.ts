import type { V1OwnerReference } from "../api/generated/types.ts";
import { clockSleep } from "../base/clock.ts";
import { type DiscoveredResource, discoverResources } from "../client/discovery.ts";
import { createInformer } from "../client/informer.ts";
import { createMetadataClient } from "../client/metadata-client.ts";
import type { Informer, KubernetesClient, KubernetesObject } from "../client/types.ts";
import { WorkQueue } from "../client/work-queue.ts";
import type { ControllerEnvironment } from "./controller.ts";

/** What is kept of every object. */
export interface MonitoredObject extends KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly V1OwnerReference[];
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
}

export interface MonitorHandlers {
  /** A resource is followed from now on. */
  onResource?(resource: DiscoveredResource): void;
  onAdd?(resource: DiscoveredResource, object: MonitoredObject): void;
  onUpdate?(resource: DiscoveredResource, object: MonitoredObject, previous: MonitoredObject): void;
  onDelete?(resource: DiscoveredResource, object: MonitoredObject): void;
}

interface Monitor {
  readonly informer: Informer<MonitoredObject>;
  readonly stop: AbortController;
  readonly running: Promise<void>;
}

const requiredVerbs = ["delete", "list", "watch"];
/** Their changes tell that the API's resources may be others now. */
const sources: ReadonlySet<string> = new Set([
  "customresourcedefinitions.apiextensions.k8s.io",
  "apiservices.apiregistration.k8s.io",
]);
/** Whoever has just changed what there is may do so again at once, and discovery follows a little later. */
const rediscoveryDelaysMs = [100, 500, 2_000];
/** How long one resource that cannot be listed may hold up the others at the start. */
const maxSyncMs = 30_000;

/**
 * Follows the metadata of all objects of all resources that can be deleted, those of custom and aggregated resources
 * too, for as long as discovery tells of them. Events come and go by themselves and are left out.
 */
export class ResourceMonitors {
  readonly #environment: ControllerEnvironment;
  readonly #client: KubernetesClient;
  readonly #handlers: MonitorHandlers[] = [];
  readonly #monitors = new Map<string, Monitor>();
  readonly #byKind = new Map<string, DiscoveredResource>();
  readonly #queue: WorkQueue;
  readonly #firstDiscovery = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#client = createMetadataClient(environment.client.transport);
    const delays = { initialDelayMs: 500, maxDelayMs: 30_000 };
    this.#queue = new WorkQueue({ name: "discovery", ...delays, ...environment });
  }

  /** To be called before {@link start}. */
  addHandlers(handlers: MonitorHandlers): void {
    this.#handlers.push(handlers);
  }

  /** Follows until the signal; of several callers the first decides. Resolves when all has stopped. */
  start(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#run(signal);
    return this.#running;
  }

  /** Resolves when it is known which resources there are. */
  get discovered(): Promise<void> {
    return this.#firstDiscovery.promise;
  }

  /** The resources whose objects live in namespaces and can be made. */
  namespaced(): readonly DiscoveredResource[] {
    return Array.from(this.#byKind.values()).filter(
      ({ namespaced, verbs }) => namespaced && verbs.includes("create") && isMonitored(verbs),
    );
  }

  /** Resolves when what the first discovery found has been listed, or after half a minute. */
  async synced(signal: AbortSignal): Promise<void> {
    await this.#firstDiscovery.promise;
    const all = Array.from(this.#monitors.values(), ({ informer }) => informer.synced);
    const late = new AbortController();
    const limit = clockSleep(this.#environment.clock, maxSyncMs, AbortSignal.any([signal, late.signal]));
    await Promise.race([Promise.all(all), limit]);
    late.abort();
  }

  /** The resource of a kind; its version is the group's preferred one. */
  resourceOf(apiVersion: string, kind: string): DiscoveredResource | undefined {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    return this.#byKind.get(`${group}/${kind}`);
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#queue.add("rediscover");
    await this.#queue.run(signal, 1, () => this.#discover(signal));
    this.#firstDiscovery.resolve();
    for (const { stop } of this.#monitors.values()) stop.abort();
    await Promise.all(Array.from(this.#monitors.values(), ({ running }) => running));
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const { resources, failures } = await discoverResources(this.#environment.client.transport);
    const found = new Set<string>();
    if (failures.size === 0) this.#byKind.clear();
    for (const resource of resources) {
      this.#byKind.set(`${resource.group}/${resource.kind}`, resource);
      if (resource.resource === "events" || !isMonitored(resource.verbs)) continue;
      const key = `${resource.resource}.${resource.version}.${resource.group}`;
      found.add(key);
      if (!this.#monitors.has(key) && !signal.aborted) this.#monitors.set(key, this.#monitor(resource));
    }
    for (const [key, { stop }] of this.#monitors) {
      // What could not be asked about may still be there.
      if (found.has(key) || failures.size > 0) continue;
      stop.abort();
      this.#monitors.delete(key);
    }
    this.#firstDiscovery.resolve();
    if (failures.size > 0) throw new Error(`Discovery failed for ${[...failures.keys()].join(", ")}`);
  }

  #monitor(resource: DiscoveredResource): Monitor {
    const informer = createInformer<MonitoredObject>(
      this.#client,
      resource,
      { transform: compact },
      this.#environment,
    );
    for (const handlers of this.#handlers) {
      informer.addHandlers({
        onAdd: (object) => handlers.onAdd?.(resource, object),
        onUpdate: (object, previous) => handlers.onUpdate?.(resource, object, previous),
        onDelete: (object) => handlers.onDelete?.(resource, object),
      });
    }
    if (sources.has(`${resource.resource}.${resource.group}`)) {
      const rediscover = (): void => {
        for (const delayMs of rediscoveryDelaysMs) this.#queue.addAfter(`rediscover-${delayMs}`, delayMs);
      };
      informer.addHandlers({ onAdd: rediscover, onUpdate: rediscover, onDelete: rediscover });
    }
    const stop = new AbortController();
    for (const handlers of this.#handlers) handlers.onResource?.(resource);
    return { informer, stop, running: informer.run(stop.signal) };
  }
}

function isMonitored(verbs: readonly string[]): boolean {
  return requiredVerbs.every((verb) => verbs.includes(verb));
}

/** An object without what nobody asks for. */
function compact({ metadata }: MonitoredObject): MonitoredObject {
  const { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } = metadata;
  return {
    metadata: {
      name,
      uid,
      resourceVersion,
      ...(namespace === undefined ? {} : { namespace }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
  };
}
