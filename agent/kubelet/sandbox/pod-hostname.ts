import type { V1Pod } from "../../../supervisor/api/generated/types.ts";

/** The longest host name that Linux takes. */
const maxLength = 63;

/** The host name inside the Pod (kubelet `GeneratePodHostNameAndDomain`). */
export function podHostname(pod: V1Pod): string {
  const { hostnameOverride, hostname } = pod.spec ?? {};
  const name = hostnameOverride || hostname || pod.metadata?.name || "";
  return name.slice(0, maxLength).replace(/[-.]+$/, "");
}
