import type { V1Namespace } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { messageOf } from "../../base/errors.ts";
import { timestamp } from "../../base/timestamp.ts";
import { type DiscoveredResource, discoverResources } from "../../client/discovery.ts";
import { resources } from "../../client/resources.ts";
import type { Informer, ResourceClient } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import type { ResourceMonitors } from "../resource-monitors.ts";
import { type DeletionState, deletionConditions } from "./namespace-conditions.ts";
import { deleteNamespacedContent, type RemainingContent } from "./namespaced-content.ts";

/** Many ends at once are looked at together. */
const settleMs = 50;
/** How long to wait before looking again at content that is there for another reason than a Pod's grace period. */
const lookAgainMs = 5_000;

/** Empties namespaces that are being deleted, then lets them go (kube-controller-manager's namespace controller). */
export class NamespaceController implements Controller {
  readonly name = "namespace-controller";
  readonly #environment: ControllerEnvironment;
  readonly #monitors: ResourceMonitors;
  readonly #informer: Informer<V1Namespace>;
  readonly #namespaces: ResourceClient<V1Namespace>;
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment, monitors: ResourceMonitors) {
    this.#environment = environment;
    this.#monitors = monitors;
    this.#informer = environment.informers.informer<V1Namespace>(resources.namespaces);
    this.#namespaces = environment.client.resource<V1Namespace>(resources.namespaces);
    // A deletion waits for the ends of what has finalizers or a grace period.
    monitors.addHandlers({
      onDelete: (_resource, { metadata: { namespace = "" } }) => {
        if (isTerminating(this.#informer.get(namespace))) this.#queue.addAfter(namespace, settleMs);
      },
    });
    const delays = { initialDelayMs: 100, maxDelayMs: 60_000 };
    this.#queue = new WorkQueue({ name: "namespace", ...delays, ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = ({ metadata }: V1Namespace): void => this.#queue.add(metadata?.name ?? "");
    this.#informer.addHandlers({ onAdd: add, onUpdate: add });
    const monitoring = this.#monitors.start(signal);
    if (!(await waitForSync(signal, this.#informer))) return;
    await Promise.all([monitoring, this.#queue.run(signal, 4, (name) => this.#handle(name))]);
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
    const deletable = discovery.resources.filter(
      ({ namespaced, verbs }) => namespaced && verbs.includes("delete") && verbs.includes("list"),
    );
    // Pods first: while one runs, what it uses stays.
    const pods = await this.#delete(deletable.filter(isPods), name);
    const mayGoOn = pods.remaining.length === 0 && pods.contentFailures.length === 0;
    const others = mayGoOn ? deletable.filter((resource) => !isPods(resource)) : [];
    const rest = await this.#delete(others, name);
    const discoveryFailures = [...discovery.failures].map(([path, error]) => `${path}: ${error.message}`);
    return {
      discoveryFailures,
      contentFailures: [...pods.contentFailures, ...rest.contentFailures],
      remaining: [...pods.remaining, ...rest.remaining],
    };
  }

  /** Asks for the deletion of all objects of some resources. */
  async #delete(
    resourcesToEmpty: readonly DiscoveredResource[],
    name: string,
  ): Promise<Pick<DeletionState, "contentFailures" | "remaining">> {
    const remaining: RemainingContent[] = [];
    const contentFailures: string[] = [];
    for (const resource of resourcesToEmpty) {
      try {
        const left = await deleteNamespacedContent(this.#environment.client, resource, name);
        if (left.objects.length > 0) remaining.push(left);
      } catch (error) {
        const why = messageOf(error);
        contentFailures.push(`${resource.resource}: ${why}`);
      }
    }
    return { contentFailures, remaining };
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

function isPods({ group, resource }: DiscoveredResource): boolean {
  return group === "" && resource === "pods";
}

/** Pods tell of their end themselves; other content is looked at again. */
function waitFor(remaining: readonly RemainingContent[]): WorkResult | undefined {
  const onlyPods = remaining.every(({ resource }) => isPods(resource));
  return onlyPods ? undefined : { requeueAfterMs: lookAgainMs };
}
