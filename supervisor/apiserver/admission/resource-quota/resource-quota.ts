/**
 * What a namespace may use in all (apiserver `plugin/resourcequota`). Requests are charged before they are stored, by
 * compare-and-set on the quotas' status, one batch of a namespace after the other: together they never get more than
 * there is.
 */
import { evaluatorFor } from "../../../api/core/v1/quota/evaluators.ts";
import type { QuotaEvaluator } from "../../../api/core/v1/quota/quota-evaluator.ts";
import type { V1ResourceQuota } from "../../../api/generated/types.ts";
import type { ResourceList } from "../../../apimachinery/resource-list.ts";
import type { Clock } from "../../../base/clock.ts";
import {
  type Backend,
  KeyNotFoundError,
  type KeyValue,
  RevisionConflictError,
} from "../../../storage/backend.ts";
import type { NamespacedCache } from "../../storage/namespaced-cache.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { chargedUsage } from "./quota-charges.ts";

/** A quota as it is stored. */
export interface StoredQuota {
  readonly quota: V1ResourceQuota;
  readonly stored: KeyValue;
}

interface Waiting {
  readonly request: AdmissionRequest;
  readonly evaluator: QuotaEvaluator;
  readonly settle: PromiseWithResolvers<void>;
}

/** How often a batch is tried anew when somebody else writes a quota's status meanwhile. */
const maxRetries = 3;

export class ResourceQuotaPlugin implements AdmissionPlugin {
  readonly name = "ResourceQuota";
  readonly #quotas: NamespacedCache<StoredQuota>;
  readonly #backend: Backend;
  readonly #clock: Clock;
  /** By namespace, those that wait for the batch under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(quotas: NamespacedCache<StoredQuota>, backend: Backend, clock: Clock) {
    this.#quotas = quotas;
    this.#backend = backend;
    this.#clock = clock;
  }

  validate(request: AdmissionRequest): Promise<void> | undefined {
    const { operation, context } = request;
    if (operation !== "CREATE" && operation !== "UPDATE") return undefined;
    const { namespace, subresource } = context.info;
    const { group, resource, namespaced } = context.store.definition;
    if (!namespaced || this.#quotas.in(namespace) === undefined || isIgnored(group, resource))
      return undefined;
    const evaluator = evaluatorFor(group, resource);
    if (!evaluator.handles(operation, subresource)) return undefined;
    return this.#evaluate(namespace, request, evaluator);
  }

  #evaluate(namespace: string, request: AdmissionRequest, evaluator: QuotaEvaluator): Promise<void> {
    const waiting: Waiting = { request, evaluator, settle: Promise.withResolvers() };
    const batch = this.#waiting.get(namespace);
    if (batch !== undefined) batch.push(waiting);
    else {
      this.#waiting.set(namespace, []);
      void this.#work(namespace, [waiting]);
    }
    return waiting.settle.promise;
  }

  /** Settles batches until nobody waits. */
  async #work(namespace: string, first: Waiting[]): Promise<void> {
    for (let batch = first; batch.length > 0; ) {
      try {
        const quotas = new Map(this.#quotas.in(namespace));
        await this.#check(quotas, batch, maxRetries);
      } catch (error) {
        for (const { settle } of batch) settle.reject(error);
      }
      batch = this.#waiting.get(namespace) ?? [];
      this.#waiting.set(namespace, []);
    }
    this.#waiting.delete(namespace);
  }

  /** Settles each request of a batch. */
  async #check(quotas: Map<string, StoredQuota>, batch: readonly Waiting[], retries: number): Promise<void> {
    const running = new Map(Array.from(quotas, ([name, { quota }]) => [name, quota]));
    const nowMs = this.#clock.now();
    const changed = new Set<string>();
    const charged: Waiting[] = [];
    for (const waiting of batch) {
      const usage = settled(waiting, () => chargedUsage(waiting.request, waiting.evaluator, running, nowMs));
      if (usage === undefined) continue;
      charged.push(waiting);
      for (const [name, used] of usage) {
        running.set(name, withUsed(running.get(name), used));
        changed.add(name);
      }
    }
    const lost = new Map<string, StoredQuota>();
    const writes = Array.from(changed, async (name) => {
      const current = await this.#write(quotas.get(name), running.get(name));
      if (current !== undefined) lost.set(name, current);
    });
    await Promise.all(writes);
    if (lost.size === 0) {
      for (const { settle } of charged) settle.resolve();
    } else if (retries > 0) {
      // The other quotas have their charges: only those that were lost are looked at again.
      await this.#check(lost, charged, retries - 1);
    } else {
      throw new Error("The quotas of the namespace change too fast for the request to be charged");
    }
  }

  /** Stores what is used; gives the newest state where somebody was faster. */
  async #write(
    before: StoredQuota | undefined,
    quota: V1ResourceQuota | undefined,
  ): Promise<StoredQuota | undefined> {
    if (before === undefined || quota === undefined) return undefined;
    const { key, value, modRevision } = before.stored;
    // What is stored under this prefix are quotas.
    const stored = JSON.parse(value) as V1ResourceQuota;
    const next = { ...stored, status: { ...stored.status, used: quota.status?.used } };
    try {
      await this.#backend.update(key, JSON.stringify(next), modRevision);
      return undefined;
    } catch (error) {
      // A quota that is gone limits nobody.
      if (error instanceof KeyNotFoundError) return undefined;
      if (!(error instanceof RevisionConflictError)) throw error;
      const { current } = error;
      return { stored: current, quota: JSON.parse(current.value) as V1ResourceQuota };
    }
  }
}

/** What a request makes of the quotas; undefined where it is settled: refused, dry, or of no weight. */
function settled(
  { request, settle }: Waiting,
  charge: () => ReadonlyMap<string, ResourceList>,
): ReadonlyMap<string, ResourceList> | undefined {
  try {
    const usage = charge();
    if (usage.size > 0 && !request.dryRun) return usage;
    settle.resolve();
  } catch (error) {
    settle.reject(error);
  }
  return undefined;
}

function withUsed(quota: V1ResourceQuota | undefined, used: ResourceList): V1ResourceQuota {
  return { ...quota, status: { ...quota?.status, used } };
}

/** What comes and goes by itself is not counted. */
function isIgnored(group: string, resource: string): boolean {
  return resource === "events" && (group === "" || group === "events.k8s.io");
}
