import type { V1CertificateSigningRequest } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { isPending } from "./certificate-conditions.ts";

const hourMs = 3600_000;

/** Deletes decided requests an hour after they were made and others after a day, as kube-controller-manager does. */
export class CertificateCleanerController implements Controller {
  readonly name = "certificatesigningrequest-cleaner-controller";
  readonly #environment: ControllerEnvironment;
  readonly #requests: Informer<V1CertificateSigningRequest>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#requests = environment.informers.informer(resources.certificateSigningRequests);
    this.#queue = new WorkQueue({ name: "certificate-cleaner", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (csr: V1CertificateSigningRequest): void => this.#queue.add(csr.metadata?.name ?? "");
    this.#requests.addHandlers({ onAdd: add, onUpdate: add });
    await this.#queue.run(signal, 1, (name) => this.#clean(name));
  }

  async #clean(name: string): Promise<WorkResult | undefined> {
    const { client, clock } = this.#environment;
    const csr = this.#requests.get(name);
    if (csr === undefined) return undefined;
    const createdMs = Date.parse(csr.metadata?.creationTimestamp ?? "");
    const leftMs = createdMs + (isPending(csr) ? 24 : 1) * hourMs - clock.now();
    if (leftMs > 0) return { requeueAfterMs: leftMs };
    const { uid } = csr.metadata ?? {};
    try {
      const requests = client.resource<V1CertificateSigningRequest>(resources.certificateSigningRequests);
      await requests.delete(name, uid === undefined ? {} : { uid });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  }
}
