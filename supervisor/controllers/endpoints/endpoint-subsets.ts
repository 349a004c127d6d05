/** The endpoints of a Service as an Endpoints object has them (kubernetes `endpoint` controller, `RepackSubsets`). */
import type {
  CoreV1EndpointPort,
  V1EndpointAddress,
  V1EndpointSubset,
  V1Pod,
  V1Service,
} from "../../api/generated/types.ts";
import {
  familyOf,
  hostnameOf,
  isBehindServices,
  isHeadless,
  isPodReady,
  podAddresses,
  serviceFamilies,
  targetPort,
} from "./pod-endpoint.ts";

interface Entry {
  readonly address: V1EndpointAddress;
  readonly ready: boolean;
  readonly ports: readonly CoreV1EndpointPort[];
}

/** How many addresses an Endpoints object has at most. */
const maxAddresses = 1000;

export interface Subsets {
  readonly subsets: readonly V1EndpointSubset[];
  /** Whether addresses were left out. */
  readonly isTruncated: boolean;
}

export function endpointSubsets(service: V1Service, pods: readonly V1Pod[]): Subsets {
  const entries = pods.flatMap((pod) => entryOf(service, pod));
  const ready = entries.filter((entry) => entry.ready);
  const others = entries.filter((entry) => !entry.ready);
  // Those that are ready are left out last.
  const kept = [...ready, ...others].slice(0, maxAddresses);
  return { subsets: packed(kept), isTruncated: kept.length < entries.length };
}

function entryOf(service: V1Service, pod: V1Pod): readonly Entry[] {
  const { publishNotReadyAddresses = false, ports = [] } = service.spec ?? {};
  if (!isBehindServices(pod, publishNotReadyAddresses)) return [];
  const [family] = serviceFamilies(service);
  const ip = podAddresses(pod).find((address) => familyOf(address) === family);
  if (ip === undefined) return [];
  const found = ports.flatMap((port): readonly CoreV1EndpointPort[] => {
    const number = targetPort(pod, port);
    if (number === undefined) return [];
    const { name, protocol = "TCP", appProtocol } = port;
    return [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }];
  });
  if (found.length === 0 && !(ports.length === 0 && isHeadless(service))) return [];
  const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
  const hostname = hostnameOf(pod, service);
  const address = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: "Pod", namespace, name, uid },
  };
  return [{ address, ready: publishNotReadyAddresses || isPodReady(pod), ports: sortedPorts(found) }];
}

function sortedPorts(ports: readonly CoreV1EndpointPort[]): readonly CoreV1EndpointPort[] {
  const key = ({ name = "", port, protocol }: CoreV1EndpointPort) => `${name}\0${port}\0${protocol}`;
  return ports.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

/** Addresses with the same ports stand together. */
function packed(entries: readonly Entry[]): readonly V1EndpointSubset[] {
  const groups = Map.groupBy(entries, ({ ports }) => JSON.stringify(ports));
  const sorted = [...groups].sort(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([, group]) => {
    const addressesOf = (ready: boolean) =>
      group
        .filter((entry) => entry.ready === ready)
        .map(({ address }) => address)
        .sort((left, right) => (left.ip < right.ip ? -1 : 1));
    const [ready, notReady, ports] = [addressesOf(true), addressesOf(false), group[0]?.ports ?? []];
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
      ...(ports.length === 0 ? {} : { ports }),
    };
  });
}
