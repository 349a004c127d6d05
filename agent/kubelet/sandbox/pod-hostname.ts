import type { V1Pod } from "../../../supervisor/api/generated/types.ts";

/** The longest label of a host name, and the longest host name that Linux takes. */
const maxLabelLength = 63;
const maxNameLength = 64;

const clusterDomain = "cluster.local";

/** The Pod's short name (kubelet `GeneratePodHostNameAndDomain`). */
export function podHostname(pod: V1Pod): string {
  const { hostnameOverride, hostname } = pod.spec ?? {};
  const name = hostnameOverride || hostname || pod.metadata?.name || "";
  return name.length > maxLabelLength ? name.slice(0, maxLabelLength).replace(/[-.]+$/, "") : name;
}

/** The names that the Pod's address has in `/etc/hosts`: with its subdomain first, where it has one. */
export function podHostNames(pod: V1Pod): string[] {
  const name = podHostname(pod);
  const { hostnameOverride, subdomain } = pod.spec ?? {};
  if (!subdomain || hostnameOverride) return [name];
  return [`${name}.${subdomain}.${pod.metadata?.namespace}.svc.${clusterDomain}`, name];
}

/** What the Pod's kernel says its name is: the node's with `hostNetwork`. Throws where it is longer than Linux takes. */
export function kernelHostname(pod: V1Pod, nodeName: string): string {
  if (pod.spec?.hostNetwork) return nodeName;
  const [longest = ""] = podHostNames(pod);
  if (!pod.spec?.setHostnameAsFQDN) return podHostname(pod);
  if (longest.length <= maxNameLength) return longest;
  throw new Error(
    `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${longest} is too long (${maxNameLength} characters is the max, ${longest.length} characters requested)`,
  );
}
