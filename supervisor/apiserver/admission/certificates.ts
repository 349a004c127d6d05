/** Who may approve and sign certificate requests, and what none is for (kubernetes `plugin/pkg/admission/certificates`). */

import type { V1CertificateSigningRequest } from "../../api/generated/types.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { newForbidden } from "../../apimachinery/status-errors.ts";
import { messageOf } from "../../base/errors.ts";
import { readCertificateRequest } from "../../base/pki/certificate-request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

const group = "certificates.k8s.io";
const resource = "certificatesigningrequests";
const clientSigner = "kubernetes.io/kube-apiserver-client";

type Request = V1CertificateSigningRequest;

function isFor({ context, operation }: AdmissionRequest, wanted: string, subresource: string): boolean {
  const { groupResource } = context.store;
  if (groupResource.resource !== resource || groupResource.group !== group) return false;
  return operation === wanted && context.info.subresource === subresource;
}

function refuse({ context, object }: AdmissionRequest, why: string): Error {
  return newForbidden(context.store.groupResource, object?.metadata.name ?? context.info.name, why);
}

/** Whether the sender has the verb on a signer, by its name or all names of its domain. */
function mayFor({ context }: AdmissionRequest, verb: string, signerName: string): boolean {
  const domain = signerName.slice(0, signerName.indexOf("/"));
  return [signerName, `${domain}/*`].some((name) => {
    const asked = {
      ...context.info,
      verb,
      group,
      version: "*",
      namespace: "",
      resource: "signers",
      subresource: "",
      name,
    };
    return context.authorizer.authorize(context.user, asked).decision === "allow";
  });
}

export const certificateApproval: AdmissionPlugin = {
  name: "CertificateApproval",
  validate(request) {
    if (!isFor(request, "UPDATE", "approval")) return;
    // Decoding made this a CertificateSigningRequest.
    const { signerName } = (request.old as unknown as Request).spec;
    if (mayFor(request, "approve", signerName)) return;
    const quoted = JSON.stringify(signerName);
    throw refuse(request, `user not permitted to approve requests with signerName ${quoted}`);
  },
};

export const certificateSigning: AdmissionPlugin = {
  name: "CertificateSigning",
  validate(request) {
    if (!isFor(request, "UPDATE", "status")) return;
    // Decoding made both CertificateSigningRequests.
    const [before, after] = [request.old as unknown as Request, request.object as unknown as Request];
    const isSame =
      before.status?.certificate === after.status?.certificate &&
      equalJson(before.status?.conditions ?? [], after.status?.conditions ?? []);
    const { signerName } = before.spec;
    if (isSame || mayFor(request, "sign", signerName)) return;
    throw refuse(
      request,
      `user not permitted to sign requests with signerName ${JSON.stringify(signerName)}`,
    );
  },
};

export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  validate(request) {
    if (!isFor(request, "CREATE", "")) return;
    // Decoding made this a CertificateSigningRequest.
    const { spec } = request.object as unknown as Request;
    if (spec.signerName !== clientSigner) return;
    if (!organizations(request, spec.request).includes("system:masters")) return;
    throw refuse(request, `use of ${clientSigner} signer with system:masters group is not allowed`);
  },
};

function organizations(request: AdmissionRequest, base64: string): readonly string[] {
  try {
    return readCertificateRequest(Buffer.from(base64, "base64").toString("utf8")).organizations;
  } catch (error) {
    throw refuse(request, `failed to parse CSR: ${messageOf(error)}`);
  }
}
