import type { V1Condition, V1IPAddress, V1ServiceCIDR } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { isNeeded } from "./network-use.ts";

const group = "networking.k8s.io";
const serviceCidrs = { group, version: "v1", resource: "servicecidrs" };
const ipAddresses = { group, version: "v1", resource: "ipaddresses" };
const finalizer = "networking.k8s.io/service-cidr-finalizer";
/** Long enough for every server to have seen that no address is to be given any more. */
const graceMs = 10_000;

const ready = { status: "True", reason: "", message: "Kubernetes Service CIDR is ready" };
const terminating = {
  status: "False",
  reason: "Terminating",
  message:
    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
};

/** Keeps networks of Services while Services have addresses of them, and says which are ready. */
export class ServiceCidrsController implements Controller {
  readonly name = "service-cidr-controller";
  readonly #environment: ControllerEnvironment;
  readonly #networks: Informer<V1ServiceCIDR>;
  readonly #addresses: Informer<V1IPAddress>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#networks = environment.informers.informer<V1ServiceCIDR>(serviceCidrs);
    this.#addresses = environment.informers.informer<V1IPAddress>(ipAddresses);
    this.#queue = new WorkQueue({ name: "service-cidrs", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const change = (network: V1ServiceCIDR): void => {
      this.#queue.add(network.metadata?.name ?? "");
      this.#addLeaving();
    };
    this.#networks.addHandlers({ onAdd: change, onUpdate: change, onDelete: () => this.#addLeaving() });
    this.#addresses.addHandlers({ onDelete: () => this.#addLeaving() });
    if (!(await waitForSync(signal, this.#networks, this.#addresses))) return;
    await this.#queue.run(signal, 1, (name) => this.#settle(name));
  }

  #addLeaving(): void {
    for (const { metadata } of this.#networks.list()) {
      if (metadata?.deletionTimestamp !== undefined) this.#queue.add(metadata.name ?? "");
    }
  }

  async #settle(name: string): Promise<WorkResult | undefined> {
    const network = this.#networks.get(name);
    if (network === undefined) return undefined;
    try {
      if (network.metadata?.deletionTimestamp !== undefined) return await this.#release(network);
      await this.#keep(network);
    } catch (error) {
      // Whatever changed it brings it here again.
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
    return undefined;
  }

  async #keep(network: V1ServiceCIDR): Promise<void> {
    const finalizers = network.metadata?.finalizers ?? [];
    const kept = finalizers.includes(finalizer)
      ? network
      : await this.#client().update({
          ...network,
          metadata: { ...network.metadata, finalizers: [...finalizers, finalizer] },
        });
    if (readyCondition(kept)?.status !== "True") await this.#setCondition(kept, ready);
  }

  async #release(network: V1ServiceCIDR): Promise<WorkResult | undefined> {
    const { name = "", finalizers = [], deletionTimestamp = "" } = network.metadata ?? {};
    if (!finalizers.includes(finalizer)) return undefined;
    const others = this.#networks.list().filter(({ metadata }) => metadata?.name !== name);
    if (isNeeded(network, others, this.#addresses.list())) {
      if (readyCondition(network)?.reason !== terminating.reason) {
        await this.#setCondition(network, terminating);
      }
      return undefined;
    }
    const remainingMs = Date.parse(deletionTimestamp) + graceMs - this.#environment.clock.now();
    if (remainingMs > 0) return { requeueAfterMs: remainingMs };
    await this.#client().update({
      ...network,
      metadata: { ...network.metadata, finalizers: finalizers.filter((one) => one !== finalizer) },
    });
    return undefined;
  }

  async #setCondition(
    network: V1ServiceCIDR,
    facts: Pick<V1Condition, "status" | "reason" | "message">,
  ): Promise<void> {
    const lastTransitionTime = timestamp(this.#environment.clock.now());
    const others = (network.status?.conditions ?? []).filter(({ type }) => type !== "Ready");
    const conditions = [...others, { type: "Ready", lastTransitionTime, ...facts }];
    await this.#client().updateStatus({ ...network, status: { ...network.status, conditions } });
  }

  #client() {
    return this.#environment.client.resource<V1ServiceCIDR>(serviceCidrs);
  }
}

function readyCondition({ status }: V1ServiceCIDR): V1Condition | undefined {
  return (status?.conditions ?? []).find(({ type }) => type === "Ready");
}
