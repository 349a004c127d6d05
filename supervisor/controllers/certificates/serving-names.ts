import { isIP } from "node:net";
import type { V1Node } from "../../api/generated/types.ts";
import type { CertificateRequest } from "../../base/pki/certificate-request.ts";

/**
 * Why a host's request for its serving certificate is left to people; undefined where each of its names is the Node's own. The
 * authority is the API server's too: a name by which that one, or another Node, is reached would let the host be taken for it.
 */
export function strangeServingName(
  request: CertificateRequest,
  node: V1Node | undefined,
  others: readonly V1Node[],
  serverNames: readonly string[],
): string | undefined {
  if (node === undefined) return "the Node is not registered";
  const own = new Set(namesOf(node));
  const taken = new Set(others.filter((other) => other !== node).flatMap(namesOf));
  const reserved = new Set(serverNames.map(canonical));
  for (const name of [...request.dnsNames, ...request.ipAddresses].map(canonical)) {
    if (!own.has(name)) return `${name} is no address of the Node`;
    if (taken.has(name)) return `${name} is an address of another Node too`;
    if (reserved.has(name) || isLoopback(name)) return `${name} is the API server's`;
  }
  return undefined;
}

function namesOf({ metadata, status }: V1Node): string[] {
  return [metadata?.name ?? "", ...(status?.addresses ?? []).map(({ address }) => address)].map(canonical);
}

/** One text for each name: addresses of IPv6 can be written in several ways. */
function canonical(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

function isLoopback(name: string): boolean {
  return name.startsWith("127.") || name === "::1" || name === "localhost";
}
