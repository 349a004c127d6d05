import type { V1CertificateSigningRequest } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { messageOf } from "../../base/errors.ts";
import { type CertificateAuthority, leafLifeMs } from "../../base/pki/certificate-authority.ts";
import { type CertificateRequest, readCertificateRequest } from "../../base/pki/certificate-request.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { hasCondition, withCondition } from "./certificate-conditions.ts";
import { type Signer, signers } from "./signers.ts";

/** The shortest life that a request may ask for (certificates/v1 `expirationSeconds`). */
const shortestLifeMs = 600_000;

/** Signs what was approved for one of the signers of Kubernetes, by the cluster's own authority. */
export class CertificateSigningController implements Controller {
  readonly name = "certificatesigningrequest-signing-controller";
  readonly #environment: ControllerEnvironment;
  readonly #authority: Pick<CertificateAuthority, "sign">;
  readonly #requests: Informer<V1CertificateSigningRequest>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment, authority: Pick<CertificateAuthority, "sign">) {
    this.#environment = environment;
    this.#authority = authority;
    this.#requests = environment.informers.informer(resources.certificateSigningRequests);
    this.#queue = new WorkQueue({ name: "certificate-signing", initialDelayMs: 200, ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (csr: V1CertificateSigningRequest): void => this.#queue.add(csr.metadata?.name ?? "");
    this.#requests.addHandlers({ onAdd: add, onUpdate: add });
    await this.#queue.run(signal, 1, (name) => this.#handle(name));
  }

  async #handle(name: string): Promise<void> {
    const csr = this.#requests.get(name);
    const signer = csr && signers[csr.spec.signerName];
    if (csr === undefined || signer === undefined || csr.status?.certificate) return;
    if (!hasCondition(csr, "Approved") || hasCondition(csr, "Failed") || hasCondition(csr, "Denied")) return;
    const { client } = this.#environment;
    try {
      const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
      await requests.updateStatus(this.#answer(csr, signer));
    } catch (error) {
      // It was changed or deleted meanwhile: that change brings it here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** The request with its certificate, or with the reason why it gets none. */
  #answer(csr: V1CertificateSigningRequest, signer: Signer): V1CertificateSigningRequest {
    const { clock, logger } = this.#environment;
    const request = read(csr);
    const refusal = typeof request === "string" ? request : signer.refuse(request, csr.spec);
    if (typeof request === "string" || refusal !== undefined) {
      return withCondition(csr, "Failed", "SignerValidationFailure", refusal ?? "", clock.now());
    }
    const wantedMs = (csr.spec.expirationSeconds ?? leafLifeMs / 1000) * 1000;
    const pem = this.#authority.sign({
      subject: request.subject,
      keyInfo: request.keyInfo,
      uses: signer.uses,
      alternativeNames: [...request.dnsNames, ...request.ipAddresses],
      nowMs: clock.now(),
      lifeMs: Math.max(shortestLifeMs, Math.min(wantedMs, leafLifeMs)),
    });
    logger.info("Signed a certificate", { request: csr.metadata?.name, subject: request.commonName });
    return { ...csr, status: { ...csr.status, certificate: Buffer.from(pem).toString("base64") } };
  }
}

/** The request, or why it cannot be read. */
function read(csr: V1CertificateSigningRequest): CertificateRequest | string {
  try {
    return readCertificateRequest(Buffer.from(csr.spec.request, "base64").toString("utf8"));
  } catch (error) {
    return messageOf(error);
  }
}
