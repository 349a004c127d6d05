import type { V1Pod, V1PodDisruptionBudget } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import { selectorMatches } from "../../apimachinery/label-selector.ts";
import { messageOf } from "../../base/errors.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { isPodReady } from "../endpoints/pod-endpoint.ts";
import { budgetStatus } from "./budget-status.ts";
import { expectedPods } from "./expected-pods.ts";

const budgets = { group: "policy", version: "v1", resource: "poddisruptionbudgets" };
const byNamespace = "namespace";
/** How long an eviction may take until the Pod is seen to go; after that it has not happened. */
const evictionMs = 120_000;
const workers = 2;

/** Says how many Pods may be evicted (kube-controller-manager's disruption controller). */
export class DisruptionController implements Controller {
  readonly name = "disruption-controller";
  readonly #environment: ControllerEnvironment;
  readonly #budgets: Informer<V1PodDisruptionBudget>;
  readonly #pods: Informer<V1Pod>;
  readonly #queue: WorkQueue;
  readonly #recorder: ControllerEnvironment["recorder"];

  constructor(environment: ControllerEnvironment) {
    this.#environment = environment;
    this.#recorder = environment.recorderFor("controllermanager");
    this.#budgets = environment.informers.informer<V1PodDisruptionBudget>(budgets);
    this.#budgets.addIndexer(byNamespace, ({ metadata }) => [metadata?.namespace ?? ""]);
    this.#pods = environment.informers.informer<V1Pod>(resources.pods);
    this.#pods.addIndexer(byNamespace, ({ metadata }) => [metadata?.namespace ?? ""]);
    this.#queue = new WorkQueue({ name: "disruption", ...environment });
  }

  async run(signal: AbortSignal): Promise<void> {
    const add = (budget: V1PodDisruptionBudget): void => this.#queue.add(objectKey(budget));
    const addOf = (pod: V1Pod): void => {
      for (const budget of this.#budgets.byIndex(byNamespace, pod.metadata?.namespace ?? "")) {
        if (selects(budget, pod)) add(budget);
      }
    };
    this.#budgets.addHandlers({ onAdd: add, onUpdate: add });
    this.#pods.addHandlers({
      onAdd: addOf,
      onDelete: addOf,
      onUpdate: (pod, previous) => {
        addOf(pod);
        if (!equalJson(pod.metadata?.labels, previous.metadata?.labels)) addOf(previous);
      },
    });
    if (!(await waitForSync(signal, this.#budgets, this.#pods))) return;
    await this.#queue.run(signal, workers, (key) => this.#sync(key));
  }

  async #sync(key: string): Promise<WorkResult | undefined> {
    const budget = this.#budgets.get(key);
    if (budget === undefined) return undefined;
    const { clock, client } = this.#environment;
    const pods = this.#pods
      .byIndex(byNamespace, budget.metadata?.namespace ?? "")
      .filter((pod) => selects(budget, pod));
    if (pods.length === 0) this.#recorder.event(budget, "Normal", "NoPods", "No matching pods found");
    const nowMs = clock.now();
    const disruptedPods = underWay(budget, pods, nowMs);
    const healthy = pods.filter(
      (pod) =>
        pod.metadata?.deletionTimestamp === undefined &&
        !((pod.metadata?.name ?? "") in disruptedPods) &&
        isPodReady(pod),
    ).length;
    try {
      const { unmanaged, ...expected } = await expectedPods(client, budget.spec ?? {}, pods);
      if (unmanaged.length > 0) this.#warnOfUnmanaged(budget);
      const spare = expected.expectedPods <= 0 ? 0 : Math.max(0, healthy - expected.desiredHealthy);
      const counts = { ...expected, currentHealthy: healthy, disruptionsAllowed: spare, disruptedPods };
      await this.#write(budget, budgetStatus(budget, counts, nowMs));
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return undefined;
      await this.#fail(budget, messageOf(error), nowMs);
      throw error;
    }
    const since = Object.values(disruptedPods).map((time) => Date.parse(time));
    return since.length === 0 ? undefined : { requeueAfterMs: Math.min(...since) + evictionMs - nowMs + 1 };
  }

  /** Nothing may go as long as it is not known how many may. */
  async #fail(budget: V1PodDisruptionBudget, why: string, nowMs: number): Promise<void> {
    const message = `Failed to calculate the number of expected pods: ${why}`;
    this.#recorder.event(budget, "Warning", "CalculateExpectedPodCountFailed", message);
    const { currentHealthy = 0, desiredHealthy = 0, expectedPods: expected = 0 } = budget.status ?? {};
    const counts = { currentHealthy, desiredHealthy, expectedPods: expected, disruptionsAllowed: 0 };
    await this.#write(budget, budgetStatus(budget, counts, nowMs, why));
  }

  #warnOfUnmanaged(budget: V1PodDisruptionBudget): void {
    const message =
      "Pods selected by this PodDisruptionBudget (selector: " +
      `${JSON.stringify(budget.spec?.selector ?? {})}) were found to be unmanaged. As a result, the status of the ` +
      "PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods " +
      'please set ".spec.minAvailable" field of the PDB to an integer value.';
    this.#recorder.event(budget, "Warning", "UnmanagedPods", message);
  }

  async #write(
    budget: V1PodDisruptionBudget,
    status: NonNullable<V1PodDisruptionBudget["status"]>,
  ): Promise<void> {
    if (equalJson(status, budget.status)) return;
    await this.#environment.client
      .resource<V1PodDisruptionBudget>(budgets, budget.metadata?.namespace ?? "")
      .updateStatus({ ...budget, status });
  }
}

/** A budget without a selector is for no Pod, an empty one for all of its namespace. */
function selects({ spec }: V1PodDisruptionBudget, { metadata }: V1Pod): boolean {
  return spec?.selector !== undefined && selectorMatches(spec.selector, metadata?.labels ?? {}) === true;
}

/** The evictions that the Pods have not answered yet. */
function underWay(
  { status }: V1PodDisruptionBudget,
  pods: readonly V1Pod[],
  nowMs: number,
): Readonly<Record<string, string>> {
  const going = new Map(pods.map(({ metadata }) => [metadata?.name ?? "", metadata?.deletionTimestamp]));
  const entries = Object.entries(status?.disruptedPods ?? {}).filter(
    ([name, time]) =>
      going.has(name) && going.get(name) === undefined && Date.parse(time) + evictionMs > nowMs,
  );
  return Object.fromEntries(entries);
}
