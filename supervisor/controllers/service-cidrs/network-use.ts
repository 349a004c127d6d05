import type { V1IPAddress, V1ServiceCIDR } from "../../api/generated/types.ts";
import {
  type ParsedCidr,
  type ParsedIp,
  parseCidr,
  parseIp,
} from "../../apimachinery/validation/ip-formats.ts";

/** Addresses of Services have these labels; others are not of any network. */
const managedBy = { label: "ipaddress.kubernetes.io/managed-by", allocator: "ipallocator.k8s.io" };

function networksOf({ spec }: V1ServiceCIDR): readonly ParsedCidr[] {
  return (spec?.cidrs ?? []).flatMap((cidr) => parseCidr(cidr) ?? []);
}

function hasAddress({ family, first, last }: ParsedCidr, ip: ParsedIp): boolean {
  return ip.family === family && ip.value >= first && ip.value <= last;
}

function covers(outer: ParsedCidr, inner: ParsedCidr): boolean {
  return outer.family === inner.family && outer.first <= inner.first && outer.last >= inner.last;
}

/**
 * Whether Services would have addresses of no network without this one (kubernetes
 * `pkg/controller/servicecidrs`, `canDeleteCIDR`). `others` are the other networks.
 */
export function isNeeded(
  serviceCidr: V1ServiceCIDR,
  others: readonly V1ServiceCIDR[],
  addresses: readonly V1IPAddress[],
): boolean {
  const networks = networksOf(serviceCidr);
  const staying = others
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .flatMap(networksOf);
  if (networks.every((network) => staying.some((outer) => covers(outer, network)))) return false;
  const otherNetworks = others.flatMap(networksOf);
  return addresses.some(({ metadata }) => {
    if (metadata?.labels?.[managedBy.label] !== managedBy.allocator) return false;
    const ip = parseIp(metadata.name ?? "");
    if (ip === undefined || !networks.some((network) => hasAddress(network, ip))) return false;
    return !otherNetworks.some((network) => hasAddress(network, ip));
  });
}
