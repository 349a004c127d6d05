/**
 * Group versions that other servers of the cluster serve (kube-aggregator): their requests are passed on, their
 * discovery and descriptions are told with our own, and their APIServices say whether they answer.
 */

import type { Duplex } from "node:stream";
import type { V1APIService, V1APIServiceCondition } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { asError } from "../../base/errors.ts";
import type { RequestHead } from "../../base/http/request-head.ts";
import type { MetricsRegistry } from "../../base/metrics/metrics-registry.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import type { Backend, WatchHandle } from "../../storage/backend.ts";
import type { DiscoveredGroup } from "../discovery/discovery.ts";
import type { RequestContext } from "../request-context.ts";
import type { RequestInfo } from "../request-info.ts";
import type { ApiGroup, ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import { ObjectCache } from "../storage/object-cache.ts";
import { ensureObject } from "../system-objects/ensure-object.ts";
import type { ServiceDialer } from "../webhooks/webhook-client.ts";
import { checkAvailability, localState, prefixesOf } from "./availability.ts";
import { AvailabilityMetrics } from "./availability-metrics.ts";
import { CustomRegistration } from "./custom-registration.ts";
import { discoveredGroups } from "./discovered-groups.ts";
import type { LocalApi } from "./local-api.ts";
import { passRequest, passStream } from "./pass-request.ts";
import { type RegisteredApi, type RemoteApi, registeredApi } from "./remote-api.ts";
import { RemoteDescriptions } from "./remote-descriptions.ts";
import { type RemoteResources, readDiscovery, staleResources } from "./remote-discovery.ts";
import { RemoteMonitor } from "./remote-monitor.ts";
import { type ProxyCredentials, RemoteTransport } from "./remote-transport.ts";

export interface AggregationOptions extends Services {
  readonly index: ResourceIndex;
  readonly backend: Backend;
  readonly connector?: ServiceDialer;
  readonly metrics: MetricsRegistry;
  /** The certificate by which the other servers know this one. */
  readonly proxyCredentials?: ProxyCredentials;
  /** Parts of this process that serve group versions as other servers do. */
  readonly localApis?: readonly LocalApi[];
}

const resource = { group: "apiregistration.k8s.io", version: "v1", resource: "apiservices" };
/** What a server has may change without a word: it is asked again after this time, as upstream. */
const discoveryLifeMs = 60_000;

interface Watched {
  readonly monitor: RemoteMonitor;
  readonly watches: readonly WatchHandle[];
  /** Where the Service is that the watches are for. */
  readonly place: string;
  resources: RemoteResources;
  readAtMs: number;
}

export class Aggregation {
  readonly #options: AggregationOptions;
  readonly #registered: ObjectCache<RegisteredApi>;
  readonly #transport: RemoteTransport;
  readonly #registration: CustomRegistration;
  readonly #unavailable: AvailabilityMetrics;
  /** What the others say of their part of the API. */
  readonly descriptions: RemoteDescriptions;
  /** By name. */
  readonly #remotes = new Map<string, RemoteApi>();
  readonly #watched = new Map<string, Watched>();
  /** Those of this process, by name, and which of them no other server serves. */
  readonly #localApis: ReadonlyMap<string, LocalApi>;
  readonly #served = new Map<string, LocalApi>();
  #stopped = false;
  #groups: { readonly of: readonly ApiGroup[]; readonly list: readonly DiscoveredGroup[] } | undefined;

  constructor(options: AggregationOptions) {
    const { backend, clock, logger, connector, proxyCredentials, localApis = [] } = options;
    this.#options = options;
    this.#localApis = new Map(localApis.map((api) => [api.registration.metadata.name ?? "", api]));
    this.#transport = new RemoteTransport(connector, proxyCredentials);
    this.#registered = new ObjectCache({
      backend,
      logger,
      prefix: this.#store.prefix(""),
      // Only APIServices are stored under this prefix.
      keep: (object) => registeredApi(object as unknown as V1APIService),
    });
    this.#unavailable = new AvailabilityMetrics(options.metrics, () => this.#registered.values());
    this.descriptions = new RemoteDescriptions(this.#transport, clock, () => this.#remotes.values());
    const registered = () => new Map(this.#registered.entries());
    this.#registration = new CustomRegistration({ ...options, registered });
  }

  get #store() {
    const store = this.#options.index.store(resource.group, resource.version, resource.resource);
    if (store === undefined) throw new RangeError("APIServices are no resource");
    return store;
  }

  async start(): Promise<void> {
    await this.#registered.start();
    for (const [name, api] of this.#registered.entries()) this.#note(name, api);
    this.#registered.onChange((name, api) => this.#note(name, api));
    await Promise.all([...this.#localApis.values()].map((api) => this.#register(api)));
  }

  /** Registers the custom resources that are there, and those that come. */
  registerCustom(): void {
    this.#options.index.onCustomChange(() => this.#registration.poke());
    this.#registered.onChange((_name, api) => {
      if (api === undefined || api.isManaged) this.#registration.poke();
    });
    this.#registration.poke();
  }

  stop(): void {
    this.#stopped = true;
    this.#registration.stop();
    this.#registered.stop();
    for (const name of this.#watched.keys()) this.#unwatch(name);
  }

  /** Takes a renewed certificate into use. */
  setCredentials(credentials: ProxyCredentials): void {
    this.#transport.credentials = credentials;
  }

  /** All groups, whoever serves them. The list stays the same as long as nothing in it changes. */
  get groups(): readonly DiscoveredGroup[] {
    const local = this.#options.index.groups;
    if (this.#remotes.size === 0 && this.#served.size === 0) return local;
    if (this.#groups?.of === local) return this.#groups.list;
    const registered = Array.from(this.#registered.values());
    const list = discoveredGroups(local, registered, (name) => this.#resourcesOf(name));
    this.#groups = { of: local, list };
    return list;
  }

  /** Which server a request is for, where it is not for this one. */
  remoteOf({ path }: Pick<RequestInfo, "path">): RemoteApi | undefined {
    if (this.#remotes.size === 0) return undefined;
    const [, root = "", group = "", version = ""] = path.split("/", 4);
    if (root === "api") return this.#remotes.get("v1.");
    return root === "apis" && version !== "" ? this.#remotes.get(`${version}.${group}`) : undefined;
  }

  /** The part of this process that a request is for, where there is one. */
  localOf({ path }: Pick<RequestInfo, "path">): LocalApi | undefined {
    if (this.#served.size === 0) return undefined;
    const [, root = "", group = "", version = ""] = path.split("/", 4);
    return root === "apis" ? this.#served.get(`${version}.${group}`) : undefined;
  }

  /** Passes a request on, whatever the answer. */
  async fetch(remote: RemoteApi, context: RequestContext): Promise<Response> {
    const { response, isReached } = await passRequest(remote, context, this.#transport);
    if (!isReached && remote.available) this.#watched.get(remote.name)?.monitor.poke();
    return response;
  }

  /** Passes an upgrade on. Resolves when the stream has closed. */
  upgrade(remote: RemoteApi, context: RequestContext, head: RequestHead, stream: Duplex): Promise<void> {
    return passStream(remote, context, this.#transport, { head, stream });
  }

  #note(name: string, api: RegisteredApi | undefined): void {
    // Who registers the others is never somebody else.
    const remote = api?.group === resource.group ? undefined : api?.remote;
    this.#groups = undefined;
    if (remote !== undefined) {
      this.#served.delete(name);
      this.#remotes.set(name, remote);
      this.#watch(remote);
      return;
    }
    this.#remotes.delete(name);
    this.#unwatch(name);
    const own = this.#localApis.get(name);
    if (own !== undefined && api === undefined) void this.#register(own);
    if (own !== undefined) this.#served.set(name, own);
    if (api !== undefined && !api.isLocal) void this.#setCondition(name, undefined, localState);
  }

  #resourcesOf(name: string): RemoteResources | undefined {
    if (this.#remotes.has(name)) return this.#watched.get(name)?.resources ?? staleResources;
    const own = this.#served.get(name);
    return own && { resources: own.resources, freshness: "Current" };
  }

  /** Makes the APIService of a part of this process where it is missing. */
  async #register({ registration }: LocalApi): Promise<void> {
    if (this.#stopped) return;
    try {
      await ensureObject(this.#store, this.#options, registration);
    } catch (error) {
      const cause = asError(error);
      const { name } = registration.metadata;
      this.#options.logger.error("An APIService could not be written", { name, error: cause });
    }
  }

  #watch(remote: RemoteApi): void {
    const { name } = remote;
    const place = JSON.stringify([remote.service, remote.ca, remote.insecure]);
    if (this.#watched.get(name)?.place === place) return;
    this.#unwatch(name);
    const { backend, clock } = this.#options;
    const monitor = new RemoteMonitor(clock, () => this.#check(name));
    const sink = { events: () => monitor.poke(), end: () => {} };
    const revision = backend.currentRevision();
    const watches = prefixesOf(remote).map((prefix) => backend.watch(prefix, revision, sink));
    this.#watched.set(name, { monitor, watches, place, resources: staleResources, readAtMs: 0 });
    monitor.poke();
  }

  #unwatch(name: string): void {
    const watched = this.#watched.get(name);
    watched?.monitor.stop();
    for (const watch of watched?.watches ?? []) watch.stop();
    this.#watched.delete(name);
  }

  /** Finds out whether a server answers, and what it has. Tells whether all is well. */
  async #check(name: string): Promise<boolean> {
    const remote = this.#remotes.get(name);
    if (remote === undefined) return true;
    try {
      const state = await checkAvailability(remote, this.#options.backend, this.#transport);
      await this.#discover(remote, state.status === "True");
      await this.#setCondition(name, remote, state);
      return state.status === "True";
    } catch (error) {
      const cause = asError(error);
      this.#options.logger.error("An APIService could not be checked", { name, error: cause });
      return false;
    }
  }

  async #discover(remote: RemoteApi, isAvailable: boolean): Promise<void> {
    const watched = this.#watched.get(remote.name);
    const now = this.#options.clock.now();
    if (watched === undefined) return;
    const isFresh = watched.resources.freshness === "Current" && now - watched.readAtMs < discoveryLifeMs;
    if (isAvailable && isFresh) return;
    watched.readAtMs = now;
    watched.resources = isAvailable
      ? await readDiscovery(remote, this.#transport).catch(() => staleResources)
      : staleResources;
    this.#groups = undefined;
  }

  /** Says in the APIService whether its server answers, unless it is another server's by now. */
  async #setCondition(
    name: string,
    remote: RemoteApi | undefined,
    state: Pick<V1APIServiceCondition, "status" | "reason" | "message">,
  ): Promise<void> {
    const now = timestamp(this.#options.clock.now());
    const store = this.#store;
    let isLost = false;
    try {
      await store.update("", name, false, (existing) => {
        const object = store.codec.decode(existing);
        // Only APIServices are stored here.
        const service = object as unknown as Typed<V1APIService>;
        isLost = false;
        if ((service.spec?.service === undefined) === (remote === undefined)) {
          isLost = setAvailable(service, state, now);
        }
        return { action: "store", object };
      });
      if (isLost) this.#unavailable.lost(name, state.reason);
    } catch (error) {
      if (isNotFound(error)) return;
      const cause = asError(error);
      this.#options.logger.error("The status of an APIService could not be written", { name, error: cause });
    }
  }
}

/** Tells whether the server was available until now and no longer is. */
function setAvailable(
  service: Typed<V1APIService>,
  state: Pick<V1APIServiceCondition, "status" | "reason" | "message">,
  now: string,
): boolean {
  const type = "Available";
  const conditions = service.status?.conditions ?? [];
  const known = conditions.find((condition) => condition.type === type);
  const since = known?.status === state.status ? known.lastTransitionTime : undefined;
  const condition = { type, ...state, lastTransitionTime: since ?? now };
  const others = conditions.map((other) => (other.type === type ? condition : other));
  service.status = {
    ...service.status,
    conditions: known === undefined ? [...conditions, condition] : others,
  };
  return known?.status === "True" && state.status !== "True";
}
