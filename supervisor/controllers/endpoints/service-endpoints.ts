/** The endpoints of a Service as its EndpointSlices have them (kubernetes `endpointslice` reconciler). */
import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1Node,
  V1Pod,
  V1Service,
} from "../../api/generated/types.ts";
import type { EndpointGroup } from "./endpoint-slices.ts";
import {
  type AddressFamily,
  familyOf,
  hostnameOf,
  isBehindServices,
  isPodReady,
  podAddresses,
  serviceFamilies,
  targetPort,
} from "./pod-endpoint.ts";

type FindNode = (name: string) => V1Node | undefined;

/** By address family and ports; a family without endpoints has one empty group. */
export function serviceEndpoints(
  service: V1Service,
  pods: readonly V1Pod[],
  findNode: FindNode,
): readonly EndpointGroup[] {
  return serviceFamilies(service).flatMap((family) => {
    const groups = new Map<string, { ports: readonly DiscoveryV1EndpointPort[]; endpoints: V1Endpoint[] }>();
    for (const pod of pods) {
      const endpoint = endpointOf(service, pod, family, findNode);
      if (endpoint === undefined) continue;
      const ports = portsOf(service, pod);
      const key = JSON.stringify(ports);
      const group = groups.get(key) ?? { ports, endpoints: [] };
      group.endpoints.push(endpoint);
      groups.set(key, group);
    }
    if (groups.size === 0) return [{ addressType: family, ports: [], endpoints: [] }];
    return Array.from(groups.values(), ({ ports, endpoints }) => ({
      addressType: family,
      ports,
      endpoints: endpoints.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1)),
    }));
  });
}

function nameOf({ targetRef }: V1Endpoint): string {
  return targetRef?.name ?? "";
}

function portsOf({ spec }: V1Service, pod: V1Pod): readonly DiscoveryV1EndpointPort[] {
  return (spec?.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(pod, servicePort);
    const { name = "", protocol = "TCP", appProtocol } = servicePort;
    return port === undefined ? [] : [{ name, protocol, port, ...(appProtocol ? { appProtocol } : {}) }];
  });
}

function endpointOf(
  service: V1Service,
  pod: V1Pod,
  family: AddressFamily,
  findNode: FindNode,
): V1Endpoint | undefined {
  if (!isBehindServices(pod, true)) return undefined;
  const addresses = podAddresses(pod).filter((address) => familyOf(address) === family);
  if (addresses.length === 0) return undefined;
  const { publishNotReadyAddresses = false } = service.spec ?? {};
  const nodeName = pod.spec?.nodeName ?? "";
  const node = nodeName === "" ? undefined : findNode(nodeName);
  // A node that is gone has no Pods, whatever these say of themselves.
  if (nodeName !== "" && node === undefined && !publishNotReadyAddresses) return undefined;
  const serving = isPodReady(pod);
  const terminating = pod.metadata?.deletionTimestamp !== undefined;
  const ready = publishNotReadyAddresses || (serving && !terminating);
  const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
  const hostname = hostnameOf(pod, service);
  const zone = node?.metadata?.labels?.["topology.kubernetes.io/zone"];
  const hints = hintsOf(service, nodeName, zone);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(nodeName === "" ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/** Who should use an endpoint first, where the Service prefers near ones. */
function hintsOf({ spec }: V1Service, nodeName: string, zone: string | undefined): V1Endpoint["hints"] {
  const wanted = spec?.trafficDistribution;
  const forNodes = wanted === "PreferSameNode" && nodeName !== "" ? [{ name: nodeName }] : undefined;
  const isNear = wanted === "PreferClose" || wanted === "PreferSameZone" || wanted === "PreferSameNode";
  const forZones = isNear && zone !== undefined ? [{ name: zone }] : undefined;
  if (forNodes === undefined && forZones === undefined) return undefined;
  return { ...(forNodes ? { forNodes } : {}), ...(forZones ? { forZones } : {}) };
}
