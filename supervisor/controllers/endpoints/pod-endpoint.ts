/** When and how a Pod stands behind a Service (endpointslice `util`, `IsPodReady`, `FindPort`). */
import type { V1Pod, V1Service, V1ServicePort } from "../../api/generated/types.ts";

export function isPodReady({ status }: V1Pod): boolean {
  return (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True");
}

/** A Pod that has an address and has not ended; one that is ending only where those are wanted too. */
export function isBehindServices(pod: V1Pod, withTerminating: boolean): boolean {
  const { metadata, status } = pod;
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return false;
  if (podAddresses(pod).length === 0) return false;
  return withTerminating || metadata?.deletionTimestamp === undefined;
}

export function podAddresses({ status }: V1Pod): readonly string[] {
  const all = (status?.podIPs ?? []).map(({ ip = "" }) => ip).filter((ip) => ip !== "");
  return all.length === 0 && status?.podIP ? [status.podIP] : all;
}

export type AddressFamily = "IPv4" | "IPv6";

export function familyOf(address: string): AddressFamily {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** The families of a Service, its first one first. */
export function serviceFamilies({ spec }: V1Service): readonly AddressFamily[] {
  const families = spec?.ipFamilies ?? [];
  if (families.length > 0) return families.map((family) => (family === "IPv6" ? "IPv6" : "IPv4"));
  const { clusterIP = "" } = spec ?? {};
  return [clusterIP === "None" ? "IPv4" : familyOf(clusterIP)];
}

/** Whether the Pod has a name of its own below the Service's. */
export function hostnameOf(pod: V1Pod, service: V1Service): string | undefined {
  const { hostname = "", subdomain = "" } = pod.spec ?? {};
  const isOwn = hostname !== "" && subdomain === service.metadata?.name;
  return isOwn && pod.metadata?.namespace === service.metadata?.namespace ? hostname : undefined;
}

/** The number of the Pod's port that a Service's port means; undefined where it has none of that name. */
export function targetPort(pod: V1Pod, { targetPort: target, port, protocol = "TCP" }: V1ServicePort) {
  if (target === undefined) return port;
  if (typeof target === "number") return target;
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const { ports = [] } of [...(pod.spec?.containers ?? []), ...sidecars]) {
    const found = ports.find(({ name, protocol: own = "TCP" }) => name === target && own === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

export function isHeadless({ spec }: V1Service): boolean {
  return spec?.clusterIP === "None";
}

/** What of a Pod its Services look at, as a text. */
export function endpointFingerprint(pod: V1Pod): string {
  const { metadata, spec, status } = pod;
  return JSON.stringify([
    metadata?.labels,
    metadata?.deletionTimestamp === undefined,
    spec?.nodeName,
    spec?.hostname,
    spec?.subdomain,
    status?.phase,
    podAddresses(pod),
    isPodReady(pod),
  ]);
}
