import type { V1Pod, V1ReplicaSetStatus } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { selectorRequirements } from "../../apimachinery/label-selector.ts";
import { matchesLabels } from "../../apimachinery/labels.ts";
import { resources } from "../../client/resources.ts";
import type { ResourceClient } from "../../client/types.ts";
import { waitForSync } from "../../client/wait-for-sync.ts";
import type { WorkResult } from "../../client/work-queue.ts";
import type { Controller, ControllerEnvironment } from "../controller.ts";
import { claimObjects } from "../pod-control/claim-objects.ts";
import { controlledBy, orphansIn } from "../pod-control/controller-reference.ts";
import { messageOf, PodControl } from "../pod-control/pod-control.ts";
import { isPodActive, isPodTerminating } from "../pod-control/pod-state.ts";
import type { ReplicaKind, ReplicaOwner } from "./replica-kind.ts";
import { ReplicaManager } from "./replica-manager.ts";
import { ReplicaQueue } from "./replica-queue.ts";
import { equalStatus, nextAvailabilityMs, replicaStatus } from "./replica-status.ts";

const workers = 5;

/**
 * Keeps as many Pods as the owners of one kind want (kube-controller-manager's replicaset and replication controllers,
 * which are one).
 */
export class ReplicaController<T extends ReplicaOwner> implements Controller {
  readonly name: string;
  readonly #kind: ReplicaKind<T>;
  readonly #environment: ControllerEnvironment;
  readonly #sets: ReplicaQueue<T>;
  readonly #manager: ReplicaManager<T>;

  constructor(kind: ReplicaKind<T>, environment: ControllerEnvironment) {
    this.name = kind.controllerName;
    this.#kind = kind;
    this.#environment = environment;
    this.#sets = new ReplicaQueue(kind, environment);
    const control = new PodControl(environment.client, environment.recorderFor(kind.component));
    this.#manager = new ReplicaManager(kind, this.#sets, control, environment.clock);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { owners, pods, queue } = this.#sets;
    this.#sets.follow();
    if (!(await waitForSync(signal, owners, pods))) return;
    await queue.run(signal, workers, (key) => this.#sync(key));
  }

  async #sync(key: string): Promise<WorkResult | undefined> {
    const { owners, pods, expectations } = this.#sets;
    const owner = owners.get(key);
    if (owner === undefined) {
      expectations.forget(key);
      return undefined;
    }
    const requirements = selectorRequirements(this.#kind.selectorOf(owner));
    if (requirements === undefined) return undefined;
    const matches = (pod: V1Pod) => matchesLabels(requirements, pod.metadata?.labels);
    const { namespace = "", uid = "", deletionTimestamp } = owner.metadata ?? {};
    const waitMs = expectations.waitMs(key);
    const own = controlledBy(pods, uid);
    const active = await this.#claim(owner, [...own, ...orphansIn(pods, namespace)], matches);
    const terminating = own.filter((pod) => isPodTerminating(pod) && matches(pod));
    let failure: { readonly error: unknown } | undefined;
    if (waitMs === 0 && deletionTimestamp === undefined) failure = await this.#manager.manage(owner, active);
    const nowMs = this.#environment.clock.now();
    await this.#writeStatus(owner, (current) =>
      replicaStatus(current, {
        active,
        terminating: this.#kind.countsTerminating ? terminating : undefined,
        failure: failure && messageOf(failure.error),
        nowMs,
      }),
    );
    if (failure !== undefined) throw failure.error;
    const nextMs = nextAvailabilityMs(active, owner.spec?.minReadySeconds ?? 0, nowMs);
    if (nextMs !== undefined) return { requeueAfterMs: nextMs };
    return waitMs > 0 ? { requeueAfterMs: waitMs } : undefined;
  }

  #claim(
    owner: T,
    candidates: readonly V1Pod[],
    matches: (pod: V1Pod) => boolean,
  ): Promise<readonly V1Pod[]> {
    const { name = "", namespace = "" } = owner.metadata ?? {};
    return claimObjects(candidates.filter(isPodActive), {
      owner,
      ownerKind: this.#kind,
      kind: "Pod",
      matches,
      readOwner: () => this.#client(owner).get(name),
      client: this.#environment.client.resource<V1Pod>(resources.pods, namespace),
    });
  }

  #client({ metadata }: T): ResourceClient<T> {
    return this.#environment.client.resource<T>(this.#kind.resource, metadata?.namespace ?? "");
  }

  /** Writes the status where it is another one; once more on the newest version where somebody else wrote meanwhile. */
  async #writeStatus(owner: T, makeStatus: (owner: T) => V1ReplicaSetStatus): Promise<void> {
    const status = makeStatus(owner);
    if (equalStatus(owner.status, status)) return;
    const client = this.#client(owner);
    try {
      await client.updateStatus({ ...owner, status });
    } catch (error) {
      if (isNotFound(error)) return;
      const fresh = await client.get(owner.metadata?.name ?? "");
      // What was acted on is the specification that the informer knew.
      const { observedGeneration } = status;
      await client.updateStatus({ ...fresh, status: { ...makeStatus(fresh), observedGeneration } });
    }
  }
}
