import type { V1CertificateSigningRequestSpec } from "../../api/generated/types.ts";
import type { CertificateRequest } from "../../base/pki/certificate-request.ts";
import type { CertificateUse } from "../../base/pki/extensions.ts";

export const nodeClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
export const apiClientSigner = "kubernetes.io/kube-apiserver-client";
export const nodeServingSigner = "kubernetes.io/kubelet-serving";

/** What a signer signs and refuses (kube-controller-manager `pkg/controller/certificates`, certificates/v1 helpers). */
export interface Signer {
  readonly uses: readonly CertificateUse[];
  /** Why the request is refused; undefined for a good one. */
  refuse(request: CertificateRequest, spec: V1CertificateSigningRequestSpec): string | undefined;
}

export const signers: Readonly<Record<string, Signer>> = {
  [nodeClientSigner]: { uses: ["client"], refuse: refuseNodeClient },
  [apiClientSigner]: { uses: ["client"], refuse: refuseApiClient },
  [nodeServingSigner]: { uses: ["server"], refuse: refuseNodeServing },
};

/** The name of the node that a host's request is for; undefined where its common name is none of a node. */
export function requestedNodeName(request: CertificateRequest): string | undefined {
  const name = request.commonName.startsWith("system:node:")
    ? request.commonName.slice("system:node:".length)
    : "";
  return name === "" ? undefined : name;
}

/** The rules for a kubelet's client certificate (`ValidateKubeletClientCSR`). */
export function refuseNodeClient(
  request: CertificateRequest,
  spec: V1CertificateSigningRequestSpec,
): string | undefined {
  if (!isNodesOnly(request)) return "organization in subject must be only 'system:nodes'";
  if (request.dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (request.ipAddresses.length > 0) return "IP subjectAltNames are not allowed";
  if (request.otherNames > 0) return "Email and URI subjectAltNames are not allowed";
  if (requestedNodeName(request) === undefined)
    return "subject common name does not begin with 'system:node:'";
  return refuseUsages(spec, "client auth");
}

/** The rules for anybody's client certificate (`validAPIServerClientUsages`): beside the purpose nothing is a must. */
function refuseApiClient(
  request: CertificateRequest,
  spec: V1CertificateSigningRequestSpec,
): string | undefined {
  // The API's admission refuses these too; a signature is worth a second look.
  if (request.organizations.includes("system:masters")) return 'use of group "system:masters" is not allowed';
  const usages = spec.usages ?? [];
  const may = ["digital signature", "key encipherment", "client auth"];
  const other = usages.find((usage) => !may.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  if (!usages.includes("client auth")) return "missing required usage for client certificate: client auth";
  return undefined;
}

/** The rules for a kubelet's serving certificate (`ValidateKubeletServingCSR`). */
export function refuseNodeServing(
  request: CertificateRequest,
  spec: V1CertificateSigningRequestSpec,
): string | undefined {
  if (!isNodesOnly(request)) return "organization in subject must be only 'system:nodes'";
  if (request.dnsNames.length + request.ipAddresses.length === 0)
    return "DNS or IP subjectAltName is required";
  if (request.otherNames > 0) return "Email and URI subjectAltNames are not allowed";
  if (requestedNodeName(request) === undefined)
    return "subject common name does not begin with 'system:node:'";
  if (request.commonName !== spec.username) return "requester must be the node that the certificate is for";
  return refuseUsages(spec, "server auth");
}

function isNodesOnly(request: CertificateRequest): boolean {
  return request.organizations.length === 1 && request.organizations[0] === "system:nodes";
}

/** `digital signature` and the purpose are a must, `key encipherment` may be there, nothing else. */
function refuseUsages(
  spec: V1CertificateSigningRequestSpec,
  purpose: "client auth" | "server auth",
): string | undefined {
  const usages = new Set(spec.usages ?? []);
  const must = ["digital signature", purpose];
  const may = [...must, "key encipherment"];
  const fits = must.every((usage) => usages.has(usage)) && [...usages].every((usage) => may.includes(usage));
  return fits
    ? undefined
    : `usages did not match [${must.join(",")}] or [${must.join(",")},key encipherment]`;
}
