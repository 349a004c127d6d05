/** The Service by which Pods find the API (kubernetes `pkg/controlplane/controller/kubernetesservice`). */
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { ApiObject } from "../../apimachinery/object-meta.ts";
import type { ResourceIndex } from "../resource-index.ts";
import { AddressRange } from "../service-allocation/address-range.ts";
import type { Services } from "../services.ts";
import type { ObjectStore } from "../storage/object-store.ts";
import { ensureObject, type Manifest } from "./ensure-object.ts";

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

/** Makes Service, Endpoints and EndpointSlice, or puts their addresses right where they are of an earlier start. */
export async function publishKubernetesService(
  index: ResourceIndex,
  services: Services,
  serviceCidr: string,
  address: AdvertisedAddress,
): Promise<void> {
  const ports = [{ ...port, port: servicePort, targetPort: address.port }];
  const labels = { provider: "kubernetes", component: "apiserver" };
  const clusterIP = new AddressRange(serviceCidr).first;
  const spec = {
    ports,
    clusterIP,
    ipFamilyPolicy: "SingleStack",
    sessionAffinity: "None",
    type: "ClusterIP",
  };
  const publish = async (
    store: ObjectStore | undefined,
    manifest: Manifest,
    set: (object: ApiObject) => void,
  ) => {
    if (store === undefined) return;
    await ensureObject(store, services, manifest);
    await correct(store, set);
  };
  await publish(
    index.store("", "v1", "services"),
    { metadata: { name, namespace, labels }, spec },
    (service) => {
      service.spec = { ...(service.spec as object), ports };
    },
  );
  const subsets = [{ addresses: [{ ip: address.ip }], ports: [{ ...port, port: address.port }] }];
  await publish(
    index.store("", "v1", "endpoints"),
    { metadata: { name, namespace, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } }, subsets },
    (endpoints) => {
      endpoints.subsets = subsets;
    },
  );
  const endpoints = [{ addresses: [address.ip], conditions: { ready: true } }];
  const slicePorts = [{ ...port, port: address.port }];
  const addressType = address.ip.includes(":") ? "IPv6" : "IPv4";
  await publish(
    index.store("discovery.k8s.io", "v1", "endpointslices"),
    {
      metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
      addressType,
      endpoints,
      ports: slicePorts,
    },
    (slice) => Object.assign(slice, { addressType, endpoints, ports: slicePorts }),
  );
}

/** Changes the stored object where `set` makes another of it. */
async function correct(store: ObjectStore, set: (object: ApiObject) => void): Promise<void> {
  await store.update(namespace, name, false, (existing) => {
    const object = store.codec.decode(existing);
    const wanted = structuredClone(object);
    set(wanted);
    return { action: "store", object: equalJson(object, wanted) ? object : wanted };
  });
}
