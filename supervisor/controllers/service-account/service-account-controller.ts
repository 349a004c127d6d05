import type { V1Namespace, V1ServiceAccount } from "../../api/generated/types.ts";
import { isAlreadyExists, isForbidden, isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";

/** Keeps a ServiceAccount `default` in every namespace that is not being deleted. */
export class ServiceAccountController implements Controller {
  readonly name = "serviceaccount-controller";
  readonly #environment: ControllerEnvironment;
  readonly #namespaces: Informer<V1Namespace>;
  readonly #accounts: Informer<V1ServiceAccount>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#namespaces = environment.informers.informer<V1Namespace>(resources.namespaces);
    this.#accounts = environment.informers.informer<V1ServiceAccount>(resources.serviceAccounts);
    this.#queue = new WorkQueue({ name: "serviceaccount", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (namespace: V1Namespace): void => this.#queue.add(namespace.metadata?.name ?? "");
    this.#namespaces.addHandlers({ onAdd: add, onUpdate: add });
    this.#accounts.addHandlers({ onDelete: (account) => this.#queue.add(account.metadata?.namespace ?? "") });
    if (!(await waitForSync(signal, this.#namespaces, this.#accounts))) return;
    await this.#queue.run(signal, 2, (name) => this.#ensure(name));
  }

  async #ensure(name: string): Promise<void> {
    const namespace = this.#namespaces.get(name);
    if (namespace === undefined || namespace.metadata?.deletionTimestamp !== undefined) return;
    if (this.#accounts.get(`${name}/default`) !== undefined) return;
    try {
      await this.#environment.client
        .resource<V1ServiceAccount>(resources.serviceAccounts, name)
        .create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: name } });
    } catch (error) {
      // Somebody else made it, or the namespace is on its way out (which the API server forbids or does not find).
      if (!isAlreadyExists(error) && !isForbidden(error) && !isNotFound(error)) throw error;
    }
  }
}
