import type { V1Namespace, V1ServiceAccount } from "../../api/generated/types.ts";
import { isAlreadyExists, isForbidden, isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

/** Keeps a ServiceAccount `default` in every namespace that is not being deleted. */
export function serviceAccountController(environment: ControllerEnvironment): Controller {
  const { client, informers, clock, logger } = environment;
  const namespaces = informers.informer<V1Namespace>(resources.namespaces);
  const accounts = informers.informer<V1ServiceAccount>(resources.serviceAccounts);
  const queue = new WorkQueue({ name: "serviceaccount", clock, logger });
  namespaces.addHandlers({
    onAdd: (namespace) => queue.add(namespace.metadata?.name ?? ""),
    onUpdate: (namespace) => queue.add(namespace.metadata?.name ?? ""),
  });
  accounts.addHandlers({ onDelete: (account) => queue.add(account.metadata?.namespace ?? "") });

  const ensure = async (name: string): Promise<void> => {
    const namespace = namespaces.get(name);
    if (namespace === undefined || namespace.metadata?.deletionTimestamp !== undefined) return;
    if (accounts.get(`${name}/default`) !== undefined) return;
    try {
      await client
        .resource<V1ServiceAccount>(resources.serviceAccounts, name)
        .create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } });
    } catch (error) {
      // Somebody else made it, or the namespace is on its way out (which the API server forbids or does not find).
      if (!isAlreadyExists(error) && !isForbidden(error) && !isNotFound(error)) throw error;
    }
  };

  return {
    name: "serviceaccount-controller",
    async run(signal) {
      if (await waitForSync(signal, namespaces, accounts)) await queue.run(signal, 2, ensure);
    },
  };
}
