import type { V1Namespace, V1Pod } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { discoverResources } from "../../client/discovery.ts";
import { resources } from "../../client/resources.ts";
import type { Informer, ResourceClient } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { type DeletionState, deletionConditions } from "./namespace-conditions.ts";
import { deleteNamespacedContent, type RemainingContent } from "./namespaced-content.ts";

/** How long to wait before looking again at content that is there for another reason than a Pod's grace period. */
const lookAgainMs = 5_000;

/** Empties namespaces that are being deleted, then lets them go (kube-controller-manager's namespace controller). */
export class NamespaceController implements Controller {
  readonly name = "namespace-controller";
  readonly #environment: ControllerEnvironment;
  readonly #informer: Informer<V1Namespace>;
  readonly #pods: Informer<V1Pod>;
  readonly #namespaces: ResourceClient<V1Namespace>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#informer = environment.informers.informer<V1Namespace>(resources.namespaces);
    this.#pods = environment.informers.informer<V1Pod>(resources.pods);
    this.#namespaces = environment.client.resource<V1Namespace>(resources.namespaces);
    const delays = { initialDelayMs: 100, maxDelayMs: 60_000 };
    this.#queue = new WorkQueue({ name: "namespace", ...delays, ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = ({ metadata }: V1Namespace): void => this.#queue.add(metadata?.name ?? "");
    this.#informer.addHandlers({ onAdd: add, onUpdate: add });
    // What a deletion waits for most is the Pods' ends.
    this.#pods.addHandlers({
      onDelete: ({ metadata }) => {
        const name = metadata?.namespace ?? "";
        if (isTerminating(this.#informer.get(name))) this.#queue.add(name);
      },
    });
    if (!(await waitForSync(signal, this.#informer, this.#pods))) return;
    await this.#queue.run(signal, 4, (name) => this.#handle(name));
  }

  async #handle(name: string): Promise<WorkResult | undefined> {
    const namespace = this.#informer.get(name);
    if (!isTerminating(namespace) || !namespace?.spec?.finalizers?.includes("kubernetes")) return undefined;
    try {
      const state = await this.#empty(name);
      await this.#report(name, state);
      const failures = [...state.discoveryFailures, ...state.contentFailures];
      if (failures.length > 0) throw new Error(failures.join("; "));
      if (state.remaining.length > 0) return waitFor(state.remaining);
      await this.#finalize(name);
    } catch (error) {
      // Changed meanwhile: look again at what it is now. Not found: it is gone.
      if (isConflict(error)) return { requeueAfterMs: 0 };
      if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  async #empty(name: string): Promise<DeletionState> {
    const { client } = this.#environment;
    const discovery = await discoverResources(client.transport);
    const remaining: RemainingContent[] = [];
    const contentFailures: string[] = [];
    for (const resource of discovery.resources) {
      const { namespaced, verbs } = resource;
      if (!namespaced || !verbs.includes("delete") || !verbs.includes("list")) continue;
      try {
        const left = await deleteNamespacedContent(client, resource, name);
        if (left.objects.length > 0) remaining.push(left);
      } catch (error) {
        contentFailures.push(
          `${resource.resource}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    const discoveryFailures = [...discovery.failures].map(([path, error]) => `${path}: ${error.message}`);
    return { discoveryFailures, contentFailures, remaining };
  }

  async #report(name: string, state: DeletionState): Promise<void> {
    const namespace = await this.#namespaces.get(name);
    const current = namespace.status?.conditions ?? [];
    // An empty namespace goes at once: nobody would read its conditions.
    if (state.remaining.length === 0 && state.contentFailures.length === 0 && current.length === 0) return;
    const conditions = deletionConditions(current, state, timestamp(this.#environment.clock.now()));
    if (JSON.stringify(conditions) === JSON.stringify(current)) return;
    await this.#namespaces.updateStatus({ ...namespace, status: { ...namespace.status, conditions } });
  }

  async #finalize(name: string): Promise<void> {
    const namespace = await this.#namespaces.get(name);
    const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== "kubernetes");
    const spec = { ...namespace.spec, finalizers };
    await this.#namespaces.updateSubresource({ ...namespace, spec }, "finalize");
  }
}

function isTerminating(namespace: V1Namespace | undefined): boolean {
  return namespace?.metadata?.deletionTimestamp !== undefined;
}

/** Pods tell of their end themselves; other content is looked at again. */
function waitFor(remaining: readonly RemainingContent[]): WorkResult | undefined {
  const onlyPods = remaining.every(({ resource }) => resource.group === "" && resource.resource === "pods");
  return onlyPods ? undefined : { requeueAfterMs: lookAgainMs };
}
