import { isAlreadyExists, isNotFound } from "../../apimachinery/errors.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import { type IpFamily, parseIp } from "../../apimachinery/validation/ip-formats.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { Services } from "../services.ts";
import type { ObjectCache } from "../storage/object-cache.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { AddressRange } from "./address-range.ts";
import { AllocationError } from "./allocation-error.ts";

const allocatorName = "ipallocator.k8s.io";

/** What is known of a ServiceCIDR. */
export interface ServiceNetwork {
  readonly ranges: readonly AddressRange[];
  /** Whether addresses are given from it. */
  readonly ready: boolean;
}

/** Of whom an address is: the Service that it was given to. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

export interface IpAllocatorOptions {
  /** The IPAddresses, one for each address that is taken. */
  readonly store: ObjectStore;
  readonly addresses: Pick<ObjectCache<string>, "get">;
  readonly networks: Pick<ObjectCache<ServiceNetwork>, "values">;
  readonly services: Services;
}

interface Condition {
  readonly type: string;
  readonly status: string;
}

/** What is kept of a ServiceCIDR: for a cache of them. */
export function serviceNetworkOf({ metadata, spec, status }: ApiObject): ServiceNetwork {
  // Only ServiceCIDRs are stored where this is read.
  const { cidrs = [] } = (spec ?? {}) as { readonly cidrs?: readonly string[] };
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly Condition[] };
  const condition = conditions.find(({ type }) => type === "Ready");
  const ready = metadata.deletionTimestamp === undefined && (condition?.status ?? "True") === "True";
  return { ranges: cidrs.map((cidr) => new AddressRange(cidr)), ready };
}

/**
 * Gives Services their addresses from the networks of the ServiceCIDRs. An address is taken by creating its IPAddress:
 * the store lets one succeed (kubernetes `pkg/registry/core/service/ipallocator`, with its texts).
 */
export class IpAllocator {
  readonly #options: IpAllocatorOptions;

  constructor(options: IpAllocatorOptions) {
    this.#options = options;
  }

  /** Takes an address that was asked for. Throws an {@link AllocationError}. */
  async allocate(ip: string, service: ServiceName, dryRun: boolean): Promise<void> {
    const address = parseIp(ip);
    const range = address && this.#ranges(address.family).find((known) => known.contains(address.value));
    if (address === undefined || range === undefined) {
      throw new AllocationError("the provided network does not match the current range");
    }
    if (!range.gives(address.value)) {
      throw new AllocationError(
        `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${range.cidr}`,
      );
    }
    if (dryRun) return;
    if (!(await this.#take(address.canonical, address.family, service))) {
      throw new AllocationError("provided IP is already allocated");
    }
  }

  /** Takes any free address. Throws an {@link AllocationError} where there is none. */
  async allocateNext(family: IpFamily, service: ServiceName, dryRun: boolean): Promise<string> {
    const ranges = this.#ranges(family);
    const [any] = ranges;
    // As upstream: nothing is searched for what nobody gets.
    if (dryRun && any !== undefined) return any.network;
    for (const range of ranges) {
      for (const ip of range.candidates(this.#options.services.random)) {
        if (this.#options.addresses.get(ip) !== undefined) continue;
        if (await this.#take(ip, family, service)) return ip;
      }
    }
    throw new AllocationError("range is full");
  }

  /** Gives an address back, if it is this Service's. */
  async release(ip: string, service: ServiceName): Promise<void> {
    const { store, addresses } = this.#options;
    const name = parseIp(ip)?.canonical ?? ip;
    if (addresses.get(name) !== ownerKey(service)) return;
    try {
      const existing = await store.get("", name);
      await store.backend.delete(existing.key, existing.modRevision);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #ranges(family: IpFamily): readonly AddressRange[] {
    return Array.from(this.#options.networks.values())
      .filter(({ ready }) => ready)
      .flatMap(({ ranges }) => ranges.filter((range) => range.family === family));
  }

  async #take(ip: string, family: IpFamily, { namespace, name }: ServiceName): Promise<boolean> {
    const { store, services } = this.#options;
    const object: ApiObject = {
      kind: "IPAddress",
      apiVersion: "networking.k8s.io/v1",
      metadata: {
        name: ip,
        uid: services.uid(),
        creationTimestamp: timestamp(services.clock.now()),
        generation: 1,
        labels: {
          "ipaddress.kubernetes.io/ip-family": family,
          "ipaddress.kubernetes.io/managed-by": allocatorName,
        },
      },
      spec: { parentRef: { resource: "services", namespace, name } },
    };
    try {
      await store.create("", object, false);
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }
}

function ownerKey({ namespace, name }: ServiceName): string {
  return `${namespace}/${name}`;
}

/** What is kept of an IPAddress: the Service that has it, or that somebody else has. */
export function addressOwnerOf({ spec }: ApiObject): string {
  // Only IPAddresses are stored where this is read.
  const { parentRef } = (spec ?? {}) as {
    readonly parentRef?: { readonly group?: string; readonly resource?: string } & Partial<ServiceName>;
  };
  const { group = "", resource, namespace = "", name = "" } = parentRef ?? {};
  return group === "" && resource === "services" ? ownerKey({ namespace, name }) : "";
}
