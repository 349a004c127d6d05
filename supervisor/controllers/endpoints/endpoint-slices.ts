/** What every EndpointSlice of a controller of ours has, and how the present ones become the wanted ones. */
import type { DiscoveryV1EndpointPort, V1Endpoint, V1EndpointSlice } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { KubernetesClient } from "../../client/types.ts";
import { triggerTimeAnnotation } from "./trigger-times.ts";

export const sliceResource = { group: "discovery.k8s.io", version: "v1", resource: "endpointslices" };
export const serviceNameLabel = "kubernetes.io/service-name";
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";

/** How many endpoints a slice has at most. */
const maxEndpoints = 100;

/** Endpoints with the same ports and addresses of one type. */
export interface EndpointGroup {
  readonly addressType: string;
  readonly ports: readonly DiscoveryV1EndpointPort[];
  readonly endpoints: readonly V1Endpoint[];
}

/** What all slices of an owner are to be. */
export interface WantedSlices {
  readonly namespace: string;
  readonly serviceName: string;
  readonly managedBy: string;
  /** Beside the two that say whose the slices are. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly groups: readonly EndpointGroup[];
  readonly triggerTime?: string | undefined;
}

/** Creates, changes and deletes slices until they are the wanted ones, with as few writes as can be. */
export async function reconcileSlices(client: KubernetesClient, wanted: WantedSlices): Promise<void> {
  const { namespace, serviceName, managedBy } = wanted;
  const slices = client.resource<V1EndpointSlice>(sliceResource, namespace);
  const labelSelector = `${serviceNameLabel}=${serviceName},${managedByLabel}=${managedBy}`;
  const present = (await slices.list({ labelSelector })).items.filter(
    ({ metadata }) => metadata?.deletionTimestamp === undefined,
  );
  const unused = new Set(present);
  for (const group of wanted.groups) {
    const fitting = [...unused].filter((slice) => isOfGroup(slice, group));
    for (const endpoints of sliced(group.endpoints, fitting)) {
      const slice = fitting.find((one) => unused.has(one) && equalJson(one.endpoints ?? [], endpoints));
      const reused = slice ?? fitting.find((one) => unused.has(one));
      if (reused !== undefined) unused.delete(reused);
      const next = sliceOf(wanted, group, endpoints, reused);
      if (reused === undefined) await slices.create(next);
      else if (!isSame(reused, next)) await slices.update(next);
    }
  }
  for (const { metadata } of unused) {
    await slices.delete(metadata?.name ?? "").catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

/** Endpoints in slices: those that are in one already stay there. */
function sliced(
  endpoints: readonly V1Endpoint[],
  present: readonly V1EndpointSlice[],
): ReadonlyArray<readonly V1Endpoint[]> {
  if (endpoints.length <= maxEndpoints) return [endpoints];
  const places = new Map<string, V1EndpointSlice>();
  for (const slice of present)
    for (const endpoint of slice.endpoints ?? []) places.set(keyOf(endpoint), slice);
  const bySlice = Map.groupBy(endpoints, (endpoint) => places.get(keyOf(endpoint)));
  const fresh = [...(bySlice.get(undefined) ?? [])];
  const filled = [...bySlice]
    .filter(([slice]) => slice !== undefined)
    .map(([, kept]) => {
      const room = Math.max(0, maxEndpoints - kept.length);
      return [...kept.slice(0, maxEndpoints), ...fresh.splice(0, room)];
    });
  while (fresh.length > 0) filled.push(fresh.splice(0, maxEndpoints));
  return filled;
}

function keyOf({ addresses, targetRef }: V1Endpoint): string {
  return `${addresses.join()} ${targetRef?.uid ?? ""}`;
}

function isOfGroup(slice: V1EndpointSlice, { addressType, ports }: EndpointGroup): boolean {
  return slice.addressType === addressType && equalJson(slice.ports ?? [], ports);
}

function sliceOf(
  wanted: WantedSlices,
  { addressType, ports }: EndpointGroup,
  endpoints: readonly V1Endpoint[],
  present: V1EndpointSlice | undefined,
): V1EndpointSlice {
  const { namespace, serviceName, managedBy, owner, triggerTime } = wanted;
  const labels = { ...wanted.labels, [serviceNameLabel]: serviceName, [managedByLabel]: managedBy };
  const before = present?.metadata?.annotations?.[triggerTimeAnnotation];
  const trigger = triggerTime ?? before;
  const annotations = {
    ...wanted.annotations,
    ...(trigger === undefined ? {} : { [triggerTimeAnnotation]: trigger }),
  };
  return {
    ...present,
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      ...(present?.metadata ?? { generateName: `${serviceName}-` }),
      namespace,
      labels,
      annotations,
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    endpoints,
    ports,
  };
}

/** Whether a slice is so already, but for the time of the change that was not one. */
function isSame(present: V1EndpointSlice, next: V1EndpointSlice): boolean {
  const annotationsOf = ({ metadata }: V1EndpointSlice) => {
    const { [triggerTimeAnnotation]: _trigger, ...others } = metadata?.annotations ?? {};
    return others;
  };
  return (
    equalJson(present.endpoints ?? [], next.endpoints) &&
    equalJson(present.metadata?.labels ?? {}, next.metadata?.labels ?? {}) &&
    equalJson(annotationsOf(present), annotationsOf(next))
  );
}
