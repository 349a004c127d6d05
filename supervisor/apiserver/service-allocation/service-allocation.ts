import { needsClusterIp, nodePortsOf } from "../../api/core/v1/service/service-needs.ts";
import type { V1Service, V1ServiceSpec } from "../../api/generated/types.ts";
import { invalidField } from "../../apimachinery/field-error.ts";
import type { Mutable } from "../../apimachinery/mutable.ts";
import { newInternalError, newInvalid } from "../../apimachinery/status-errors.ts";
import type { IpFamily } from "../../apimachinery/validation/ip-formats.ts";
import {
  keepAllocatedValues,
  normalizeClusterIps,
} from "../../registry/core/service/service-normalization.ts";
import type { Typed } from "../../registry/resource-definition.ts";
import { KeyNotFoundError, RevisionConflictError } from "../../storage/backend.ts";
import type { ResourceIndex } from "../resource-index.ts";
import type { Services } from "../services.ts";
import { ObjectCache } from "../storage/object-cache.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import type { FinishWrite, WriteHooks } from "../storage/write-hooks.ts";
import { AllocationError } from "./allocation-error.ts";
import {
  addressOwnerOf,
  IpAllocator,
  type ServiceName,
  type ServiceNetwork,
  serviceNetworkOf,
} from "./ip-allocator.ts";
import { isUnchangedPreference, setIpFamilies } from "./ip-families.ts";
import { allocateNodePorts } from "./node-ports.ts";
import { defaultNodePorts, PortAllocator } from "./port-allocator.ts";

type Service = Typed<V1Service>;
type Spec = Mutable<V1ServiceSpec>;

/** What is kept of a Service: the addresses and ports that it has. */
interface Allocated {
  readonly ips: readonly string[];
  readonly ports: readonly number[];
}

const clusterFamily: IpFamily = "IPv4";

function nameOf({ metadata }: Service): ServiceName {
  return { namespace: metadata.namespace ?? "", name: metadata.name ?? "" };
}

/** The addresses that a Service has from the cluster's networks. */
function addressesOf(spec: V1ServiceSpec | undefined): readonly string[] {
  return (spec?.clusterIPs ?? []).filter((ip) => ip !== "None" && ip !== "");
}

/**
 * Gives Services what is theirs alone in the cluster: addresses, node ports and a port for health checks (kubernetes
 * `pkg/registry/core/service/storage`). Addresses are kept as IPAddress objects, ports by looking at the Services.
 */
export class ServiceAllocation implements WriteHooks {
  readonly #endpoints: ObjectStore;
  readonly #ips: IpAllocator;
  readonly #ports: PortAllocator;
  readonly #services: ObjectCache<Allocated>;
  readonly #addresses: ObjectCache<string>;
  readonly #networks: ObjectCache<ServiceNetwork>;

  constructor(index: ResourceIndex, services: Services) {
    const serviceStore = requiredStore(index, "", "services");
    const addresses = requiredStore(index, "networking.k8s.io", "ipaddresses");
    const networks = requiredStore(index, "networking.k8s.io", "servicecidrs");
    this.#endpoints = requiredStore(index, "", "endpoints");
    const { logger } = services;
    const cacheOf = <T>(store: ObjectStore, keep: (object: never) => T) =>
      new ObjectCache<T>({
        backend: store.backend,
        logger,
        prefix: store.definition.storagePrefix,
        // What is stored under the prefix is of the kind that `keep` is for.
        keep: keep as (object: unknown) => T,
      });
    this.#services = cacheOf(serviceStore, ({ spec }: Service) => ({
      ips: addressesOf(spec),
      ports: spec === undefined ? [] : nodePortsOf(spec),
    }));
    this.#addresses = cacheOf(addresses, addressOwnerOf);
    this.#networks = cacheOf(networks, serviceNetworkOf);
    this.#ips = new IpAllocator({
      store: addresses,
      addresses: this.#addresses,
      networks: this.#networks,
      services,
    });
    this.#ports = new PortAllocator(defaultNodePorts, services.random);
    serviceStore.hooks = this;
    this.#services.onChange((id, entry) => this.#ports.follow(id, entry?.ports ?? []));
  }

  /** Follows the store, and mends what an end in mid-write has left. */
  async start(): Promise<void> {
    await Promise.all([this.#services.start(), this.#addresses.start(), this.#networks.start()]);
    await this.#repair();
  }

  stop(): void {
    for (const cache of [this.#services, this.#addresses, this.#networks]) cache.stop();
  }

  async beginCreate(service: Service, dryRun: boolean): Promise<FinishWrite> {
    service.spec ??= {};
    normalizeClusterIps(service.spec, undefined);
    return this.#allocate(service, service.spec, undefined, dryRun);
  }

  async beginUpdate(service: Service, old: Service, dryRun: boolean): Promise<FinishWrite> {
    service.spec ??= {};
    const before = old.spec ?? {};
    keepAllocatedValues(service.spec, before);
    normalizeClusterIps(service.spec, before);
    return this.#allocate(service, service.spec, before, dryRun);
  }

  /** Gives all back; its Endpoints go with the Service, lest the next one of the name gets them. */
  async afterDelete(service: Service): Promise<void> {
    const name = nameOf(service);
    await this.#releaseAll(addressesOf(service.spec), name);
    const existing = await this.#endpoints.backend.get(this.#endpoints.key(name.namespace, name.name));
    if (existing === undefined) return;
    try {
      await this.#endpoints.backend.delete(existing.key, existing.modRevision);
    } catch (error) {
      const isTheirs = error instanceof KeyNotFoundError || error instanceof RevisionConflictError;
      if (!isTheirs) throw error;
    }
  }

  async #allocate(
    service: Service,
    spec: Spec,
    old: Spec | undefined,
    dryRun: boolean,
  ): Promise<FinishWrite> {
    const name = nameOf(service);
    setIpFamilies(name.name, spec, old, clusterFamily);
    const taken = await this.#allocateIps(name, spec, old, dryRun);
    const operation = this.#ports.begin();
    try {
      allocateNodePorts(name.name, spec, old, operation);
    } catch (error) {
      operation.finish();
      await this.#releaseAll(taken, name);
      throw error;
    }
    const dropped = old === undefined || needsClusterIp(spec) ? [] : addressesOf(old);
    return async (isWritten) => {
      operation.finish();
      await this.#releaseAll(isWritten && !dryRun ? dropped : taken, name);
    };
  }

  /** Takes the addresses that `spec` needs beyond those of before; the answer is what was taken. */
  async #allocateIps(
    name: ServiceName,
    spec: Spec,
    old: Spec | undefined,
    dryRun: boolean,
  ): Promise<readonly string[]> {
    const hadNone = old === undefined || !needsClusterIp(old);
    const isNone = !needsClusterIp(spec) || spec.clusterIPs?.[0] === "None";
    if (!hadNone || isNone || isUnchangedPreference(spec, old)) return [];
    const taken: string[] = [];
    const ips: string[] = [];
    for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
      const wanted = spec.clusterIPs?.[index];
      const ip = await this.#takeIp(name, spec, { family, wanted, dryRun }).catch(async (error: unknown) => {
        await this.#releaseAll(taken, name);
        throw error;
      });
      ips.push(ip);
      if (!dryRun) taken.push(ip);
    }
    spec.clusterIPs = ips;
    if (ips[0] !== undefined) spec.clusterIP = ips[0];
    return taken;
  }

  async #takeIp(
    name: ServiceName,
    spec: Spec,
    asked: { readonly family: string; readonly wanted: string | undefined; readonly dryRun: boolean },
  ): Promise<string> {
    const { family, wanted, dryRun } = asked;
    try {
      if (!wanted) return await this.#ips.allocateNext(family === "IPv6" ? "IPv6" : "IPv4", name, dryRun);
      await this.#ips.allocate(wanted, name, dryRun);
      return wanted;
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      if (!wanted) throw newInternalError(new Error(`failed to allocate a serviceIP: ${error.message}`));
      const detail = `failed to allocate IP ${wanted}: ${error.message}`;
      const errors = [invalidField("spec.clusterIPs", spec.clusterIPs, detail)];
      throw newInvalid({ group: "", kind: "Service" }, name.name, errors);
    }
  }

  async #releaseAll(ips: readonly string[], name: ServiceName): Promise<void> {
    for (const ip of ips) await this.#ips.release(ip, name);
  }

  /** Addresses of Services that are gone are free, and those that Services have are taken. */
  async #repair(): Promise<void> {
    for (const [ip, owner] of Array.from(this.#addresses.entries())) {
      if (owner === "" || this.#services.get(owner)?.ips.includes(ip)) continue;
      await this.#ips.release(ip, splitKey(owner));
    }
    for (const [id, { ips }] of this.#services.entries()) {
      for (const ip of ips) {
        if (this.#addresses.get(ip) !== undefined) continue;
        // One outside all networks stays as it is, as upstream.
        await this.#ips.allocate(ip, splitKey(id), false).catch((error: unknown) => {
          if (!(error instanceof AllocationError)) throw error;
        });
      }
    }
  }
}

function splitKey(key: string): ServiceName {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}

function requiredStore(index: ResourceIndex, group: string, resource: string): ObjectStore {
  const store = index.store(group, "v1", resource);
  if (store === undefined) throw new RangeError(`There is no resource ${resource} in the group "${group}"`);
  return store;
}
