import type { V1CertificateSigningRequest } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { type CertificateAuthority, leafLifeMs } from "../../base/pki/certificate-authority.ts";
import { type CertificateRequest, readCertificateRequest } from "../../base/pki/certificate-request.ts";
import { resources } from "../../client/resources.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { hasCondition, withCondition } from "./certificate-conditions.ts";
import { signers } from "./signers.ts";

/** The shortest life that a request may ask for (certificates/v1 `expirationSeconds`). */
const shortestLifeMs = 600_000;

/** Signs what was approved for one of the signers of Kubernetes, by the cluster's own authority. */
export function certificateSigningController(
  environment: ControllerEnvironment,
  authority: Pick<CertificateAuthority, "sign">,
): Controller {
  const { client, informers, clock, logger } = environment;
  const informer = informers.informer<V1CertificateSigningRequest>(resources.certificateSigningRequests);
  const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
  const queue = new WorkQueue({ name: "certificate-signing", clock, logger, initialDelayMs: 200 });
  informer.addHandlers({
    onAdd: (csr) => queue.add(csr.metadata?.name ?? ""),
    onUpdate: (csr) => queue.add(csr.metadata?.name ?? ""),
  });

  const sign = async (name: string): Promise<void> => {
    const csr = informer.get(name);
    const signer = csr && signers[csr.spec.signerName];
    if (csr === undefined || signer === undefined || csr.status?.certificate) return;
    if (!hasCondition(csr, "Approved") || hasCondition(csr, "Failed") || hasCondition(csr, "Denied")) return;
    try {
      await requests.updateStatus(await decide(csr));
    } catch (error) {
      // It was changed or deleted meanwhile: that change brings it here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  };

  const decide = async (csr: V1CertificateSigningRequest): Promise<V1CertificateSigningRequest> => {
    const signer = signers[csr.spec.signerName];
    let request: CertificateRequest;
    try {
      request = await readCertificateRequest(Buffer.from(csr.spec.request, "base64").toString("utf8"));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return withCondition(csr, "Failed", "SignerValidationFailure", why, clock.now());
    }
    const refusal = signer?.refuse(request, csr.spec);
    if (signer === undefined || refusal !== undefined) {
      return withCondition(
        csr,
        "Failed",
        "SignerValidationFailure",
        refusal ?? "unknown signer",
        clock.now(),
      );
    }
    const wantedMs = (csr.spec.expirationSeconds ?? leafLifeMs / 1000) * 1000;
    const pem = await authority.sign({
      subject: request,
      publicKeyPem: request.publicKeyPem,
      uses: signer.uses,
      alternativeNames: [...request.dnsNames, ...request.ipAddresses],
      nowMs: clock.now(),
      lifeMs: Math.max(shortestLifeMs, Math.min(wantedMs, leafLifeMs)),
    });
    logger.info("Signed a certificate", { request: csr.metadata?.name, subject: request.commonName });
    return { ...csr, status: { ...csr.status, certificate: Buffer.from(pem).toString("base64") } };
  };

  return {
    name: "certificatesigningrequest-signing-controller",
    run: (signal) => queue.run(signal, 1, sign),
  };
}
