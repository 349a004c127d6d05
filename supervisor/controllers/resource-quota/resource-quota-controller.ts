import { evaluatorFor } from "../../api/core/v1/quota/evaluators.ts";
import type { V1Pod, V1ResourceQuota } from "../../api/generated/types.ts";
import { isConflict, isNotFound } from "../../apimachinery/errors.ts";
import { equalResources, maskResources } from "../../apimachinery/resource-list.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { GroupVersionResource, Informer } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import { WorkQueue, type WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import type { ResourceMonitors } from "../resource-monitors.ts";
import { quotaUsage } from "./quota-usage.ts";

const resourceQuotas = { group: "", version: "v1", resource: "resourcequotas" };
/** Several changes at once are counted once. */
const settleMs = 100;
/** A request may be charged but not stored while its quota is counted: what was changed is counted once more. */
const verifyMs = 2_000;
/** A request may be charged and then fail, as for a name that is taken: what was charged is counted after a while. */
const chargesMs = 10_000;
/** How often all is counted anew, as upstream. */
const resyncMs = 300_000;

/** Says how much of each quota is used (kube-controller-manager's resource quota controller). */
export class ResourceQuotaController implements Controller {
  readonly name = "resourcequota-controller";
  readonly #environment: ControllerEnvironment;
  readonly #monitors: ResourceMonitors;
  readonly #quotas: Informer<V1ResourceQuota>;
  readonly #pods: Informer<V1Pod>;
  /** Of quotas. */
  readonly #queue: WorkQueue;

  constructor(environment: ControllerEnvironment, monitors: ResourceMonitors) {
    this.#environment = environment;
    this.#monitors = monitors;
    this.#quotas = environment.informers.informer<V1ResourceQuota>(resourceQuotas);
    this.#quotas.addIndexer("namespace", ({ metadata }) => [metadata?.namespace ?? ""]);
    this.#pods = environment.informers.informer<V1Pod>(resources.pods);
    this.#queue = new WorkQueue({ name: "resourcequota", initialDelayMs: 50, ...environment });
    monitors.addHandlers({
      onResource: (resource) => this.#noteResource(resource),
      onDelete: (resource, { metadata }) => this.#noteLess(resource, metadata.namespace),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const monitoring = this.#monitors.start(signal);
    this.#quotas.addHandlers({
      onAdd: (quota) => this.#queue.add(objectKey(quota)),
      onUpdate: (quota, previous) => {
        if (!isCurrent(quota)) this.#queue.add(objectKey(quota));
        const isCharged = !equalResources(quota.status?.used ?? {}, previous.status?.used ?? {});
        if (isCharged) this.#queue.addAfter(objectKey(quota), chargesMs);
      },
    });
    this.#pods.addHandlers({
      onUpdate: (pod, previous) => {
        if (isOver(pod) && !isOver(previous)) this.#noteLess(resources.pods, pod.metadata?.namespace);
      },
    });
    if (!(await waitForSync(signal, this.#quotas, this.#pods))) return;
    await this.#monitors.discovered;
    await Promise.all([monitoring, this.#queue.run(signal, 5, (key) => this.#count(key))]);
  }

  /** Quotas that nobody could count so far can be counted now. */
  #noteResource({ group, resource }: GroupVersionResource): void {
    const evaluator = evaluatorFor(group, resource);
    for (const quota of this.#quotas.list()) {
      const { spec, status } = quota;
      const isMissing = (name: string): boolean =>
        status?.used?.[name] === undefined && evaluator.measures(name);
      if (Object.keys(spec?.hard ?? {}).some(isMissing)) this.#queue.addAfter(objectKey(quota), settleMs);
    }
  }

  /** Something in a namespace takes less than before. */
  #noteLess({ group, resource }: GroupVersionResource, namespace: string | undefined): void {
    if (namespace === undefined) return;
    const quotas = this.#quotas.byIndex("namespace", namespace);
    if (quotas.length === 0) return;
    const evaluator = evaluatorFor(group, resource);
    for (const quota of quotas) {
      const isMeasured = Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator.measures(name));
      if (isMeasured) this.#queue.addAfter(objectKey(quota), settleMs);
    }
  }

  async #count(key: string): Promise<WorkResult | undefined> {
    const [namespace = "", name = ""] = key.split("/");
    const { client, clock } = this.#environment;
    const quotas = client.resource<V1ResourceQuota>(resourceQuotas, namespace);
    try {
      // Its account may list quotas, not get them.
      const [quota] = (await quotas.list({ fieldSelector: `metadata.name=${name}` })).items;
      if (quota === undefined) return undefined;
      const hard = { ...quota.spec?.hard };
      const counted = await quotaUsage(client, this.#monitors.namespaced(), quota, clock.now());
      // What nobody can measure stays as it was said to be.
      const kept = maskResources(quota.status?.used ?? {}, (one) => hard[one] !== undefined);
      const used = { ...kept, ...counted };
      const isSame = isCurrent(quota) && equalResources(used, quota.status?.used ?? {});
      if (isSame) return { requeueAfterMs: resyncMs };
      await quotas.updateStatus({ ...quota, status: { hard, used } });
      return { requeueAfterMs: verifyMs };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      // A request was charged meanwhile.
      if (isConflict(error)) return { requeueAfterMs: settleMs };
      throw error;
    }
  }
}

/** Whether the status speaks of the limits as they are. */
function isCurrent({ spec, status }: V1ResourceQuota): boolean {
  return status?.used !== undefined && equalResources(spec?.hard ?? {}, status.hard ?? {});
}

function isOver({ status }: V1Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
