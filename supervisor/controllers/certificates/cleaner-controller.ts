import type { V1CertificateSigningRequest } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { isPending } from "./certificate-conditions.ts";

const hourMs = 3600_000;

/** Deletes decided requests an hour after they were made and others after a day, as kube-controller-manager does. */
export function certificateCleanerController(environment: ControllerEnvironment): Controller {
  const { client, informers, clock, logger } = environment;
  const informer = informers.informer<V1CertificateSigningRequest>(resources.certificateSigningRequests);
  const queue = new WorkQueue({ name: "certificate-cleaner", clock, logger });
  informer.addHandlers({
    onAdd: (csr) => queue.add(csr.metadata?.name ?? ""),
    onUpdate: (csr) => queue.add(csr.metadata?.name ?? ""),
  });

  const clean = async (name: string): Promise<WorkResult | undefined> => {
    const csr = informer.get(name);
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
  };

  return {
    name: "certificatesigningrequest-cleaner-controller",
    run: (signal) => queue.run(signal, 1, clean),
  };
}
