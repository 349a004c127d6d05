/** The Service by which Pods find the API (kubernetes `pkg/controlplane/controller/kubernetesservice`). */
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceIndex } from "../resource-index.ts";
import { AddressRange } from "../service-allocation/address-range.ts";
import type { Services } from "../services.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { ensureObject, type Manifest } from "./ensure-object.ts";
import type { KeptObjects } from "./kept-objects.ts";

const name = "kubernetes";
const namespace = "default";
const servicePort = 443;
const port = { name: "https", protocol: "TCP" } as const;

/** Where clients outside the cluster reach the server. */
export interface AdvertisedAddress {
  readonly ip: string;
  readonly port: number;
}

/** The default network of Services, which the server was started with. */
export function defaultServiceCidr(cidr: string, now: string): Manifest {
  return {
    metadata: { name, finalizers: ["networking.k8s.io/service-cidr-finalizer"] },
    spec: { cidrs: [cidr] },
    status: {
      conditions: [
        {
          type: "Ready",
          status: "True",
          lastTransitionTime: now,
          reason: "",
          message: "Kubernetes default Service CIDR is ready",
        },
      ],
    },
  };
}

/** What one of the three objects is, and how it is put right. */
interface Part {
  readonly manifest: Manifest;
  readonly set: (object: ApiObject) => void;
}

function servicePart(serviceCidr: string, { port: targetPort }: AdvertisedAddress): Part {
  const ports = [{ ...port, port: servicePort, targetPort }];
  const labels = { provider: "kubernetes", component: "apiserver" };
  const clusterIP = new AddressRange(serviceCidr).first;
  const families = { ipFamilyPolicy: "SingleStack", sessionAffinity: "None", type: "ClusterIP" };
  return {
    manifest: { metadata: { name, namespace, labels }, spec: { ports, clusterIP, ...families } },
    set(service) {
      service.spec = { ...(service.spec as object), ports };
    },
  };
}

function endpointsPart(address: AdvertisedAddress): Part {
  const labels = { "endpointslice.kubernetes.io/skip-mirror": "true" };
  const subsets = [{ addresses: [{ ip: address.ip }], ports: [{ ...port, port: address.port }] }];
  return {
    manifest: { metadata: { name, namespace, labels }, subsets },
    set(endpoints) {
      endpoints.subsets = subsets;
    },
  };
}

function slicePart(address: AdvertisedAddress): Part {
  const addressType = address.ip.includes(":") ? "IPv6" : "IPv4";
  const endpoints = [{ addresses: [address.ip], conditions: { ready: true } }];
  const fields = { addressType, endpoints, ports: [{ ...port, port: address.port }] };
  const labels = { "kubernetes.io/service-name": name };
  return {
    manifest: { metadata: { name, namespace, labels }, ...fields },
    set: (slice) => void Object.assign(slice, fields),
  };
}

/** Keeps the Service leading to the server, whoever changes or deletes it. */
export class KubernetesService {
  readonly #index: ResourceIndex;
  readonly #services: Services;
  readonly #kept: KeptObjects;
  readonly #serviceCidr: string;
  #address: AdvertisedAddress | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(index: ResourceIndex, services: Services, kept: KeptObjects, serviceCidr: string) {
    this.#index = index;
    this.#services = services;
    this.#kept = kept;
    this.#serviceCidr = serviceCidr;
  }

  /** Makes Service, Endpoints and EndpointSlice, or puts their addresses right where they are of an earlier start. */
  async publish(address: AdvertisedAddress): Promise<void> {
    this.#address = address;
    await this.#keep(this.#index.store("", "v1", "services"), (now) => servicePart(this.#serviceCidr, now));
    await this.#keep(this.#index.store("", "v1", "endpoints"), endpointsPart);
    await this.#keep(this.#index.store("discovery.k8s.io", "v1", "endpointslices"), slicePart);
  }

  async #keep(store: ObjectStore | undefined, partOf: (address: AdvertisedAddress) => Part): Promise<void> {
    if (store === undefined) return;
    const key = store.key(namespace, name);
    const restore = () =>
      this.#inTurn(async () => {
        if (this.#address === undefined) return;
        await ensureObject(store, this.#services, partOf(this.#address).manifest);
        await this.#correct(store, partOf);
      });
    await restore();
    this.#kept.follow(store, key, async (changed) => {
      if (changed === key) await restore();
    });
  }

  /** One after another: two that make the Service at once would both want its address. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Changes the stored object where it is not as the newest address makes it. */
  async #correct(store: ObjectStore, partOf: (address: AdvertisedAddress) => Part): Promise<void> {
    await store.update(namespace, name, false, (existing) => {
      const object = store.codec.decode(existing);
      const wanted = structuredClone(object);
      if (this.#address !== undefined) partOf(this.#address).set(wanted);
      return { action: "store", object: equalJson(object, wanted) ? object : wanted };
    });
  }
}
