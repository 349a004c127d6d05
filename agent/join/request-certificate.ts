import { createHash, randomBytes } from "node:crypto";
import type { V1CertificateSigningRequest } from "../../supervisor/api/generated/types.ts";
import { ApiError, isAlreadyExists } from "../../supervisor/apimachinery/errors.ts";
import { createCertificateRequest } from "../../supervisor/base/pki/certificate-request.ts";
import { privateKeyHash } from "../../supervisor/base/pki/keys.ts";
import { resources } from "../../supervisor/client/resources.ts";
import type { KubernetesClient, ResourceClient } from "../../supervisor/client/types.ts";
import { JoinError } from "./join-error.ts";

const uses = {
  client: {
    signerName: "kubernetes.io/kube-apiserver-client-kubelet",
    usage: "client auth",
    prefix: "node-csr",
  },
  serving: { signerName: "kubernetes.io/kubelet-serving", usage: "server auth", prefix: "node-serving" },
} as const;

export interface WantedCertificate {
  readonly nodeName: string;
  readonly keyPem: string;
  /** A host's own certificate by default. */
  readonly use?: keyof typeof uses;
  /** DNS names and IP addresses; only a server's certificate has any. */
  readonly names?: readonly string[];
}

/**
 * Asks for a host's certificate and waits for it. The same key asks by the same name, so that an answer which
 * was lost is found again. Throws a {@link JoinError} where the request is refused, and what the client throws.
 */
export async function requestCertificate(
  client: KubernetesClient,
  wanted: WantedCertificate,
  signal: AbortSignal,
): Promise<string> {
  const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
  let csr = await ensureRequest(requests, wanted);
  for (;;) {
    signal.throwIfAborted();
    const certificate = decision(csr);
    if (certificate !== undefined) return certificate;
    csr = await nextState(requests, csr, signal);
  }
}

/** The request that is there for this key, or a new one where there is none, or only one that was refused. */
async function ensureRequest(
  requests: ResourceClient<V1CertificateSigningRequest>,
  wanted: WantedCertificate,
): Promise<V1CertificateSigningRequest> {
  const { nodeName, keyPem, use = "client", names = [] } = wanted;
  const { signerName, usage } = uses[use];
  const name = requestName(wanted);
  const subject = { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] };
  const pem = createCertificateRequest(keyPem, subject, names);
  const make = (metadata: { readonly name: string }): V1CertificateSigningRequest => ({
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata,
    spec: {
      request: Buffer.from(pem).toString("base64"),
      signerName,
      usages: ["digital signature", usage],
    },
  });
  try {
    return await requests.create(make({ name }));
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  const known = await requests.get(name);
  if (!isRefused(known)) return known;
  return await requests.create(make({ name: `${name}-${randomBytes(4).toString("hex")}` }));
}

/** The name of the request by which a certificate is asked for. */
export function requestName({ nodeName, keyPem, use = "client" }: WantedCertificate): string {
  const digest = createHash("sha256")
    .update(`${nodeName} ${privateKeyHash(keyPem)}`)
    .digest("hex");
  return `${uses[use].prefix}-${digest.slice(0, 32)}`;
}

function isRefused(csr: V1CertificateSigningRequest): boolean {
  return csr.status?.conditions?.some(({ type }) => type === "Denied" || type === "Failed") ?? false;
}

/** The certificate in PEM, or undefined while nothing is decided. Throws a {@link JoinError} for a refusal. */
function decision(csr: V1CertificateSigningRequest): string | undefined {
  const refusal = csr.status?.conditions?.find(({ type }) => type === "Denied" || type === "Failed");
  if (refusal !== undefined) {
    throw new JoinError(
      `The supervisor refused this host: ${refusal.message || refusal.reason || refusal.type}`,
    );
  }
  const { certificate } = csr.status ?? {};
  return certificate ? Buffer.from(certificate, "base64").toString("utf8") : undefined;
}

/**
 * Waits for the request's next state; returns the one it has where the watch ends without any. The watch begins with
 * the state of now: that of a request which has waited for long is too old to go on from.
 */
async function nextState(
  requests: ResourceClient<V1CertificateSigningRequest>,
  csr: V1CertificateSigningRequest,
  signal: AbortSignal,
): Promise<V1CertificateSigningRequest> {
  const { name = "", resourceVersion } = csr.metadata ?? {};
  const fieldSelector = `metadata.name=${name}`;
  for await (const event of requests.watch({ fieldSelector, timeoutSeconds: 60, signal })) {
    if (event.type === "DELETED") {
      throw new ApiError({
        code: 404,
        reason: "NotFound",
        message: `Certificate request ${name} was deleted`,
      });
    }
    if (event.type === "BOOKMARK" || event.object.metadata?.resourceVersion === resourceVersion) continue;
    return event.object;
  }
  return await requests.get(name);
}
