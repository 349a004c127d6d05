import type { V1Pod } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import type { Clock } from "../../base/clock.ts";
import { objectKey } from "../../client/object-store.ts";
import { controlledBy, controllerOf } from "../pod-control/controller-reference.ts";
import { isNamespaceEnding, type PodControl } from "../pod-control/pod-control.ts";
import { slowStart } from "../pod-control/slow-start.ts";
import { podsToDelete } from "./pods-to-delete.ts";
import { type ReplicaKind, type ReplicaOwner, wantedReplicas } from "./replica-kind.ts";
import type { ReplicaQueue } from "./replica-queue.ts";

/** No more Pods than this are created or deleted at once, as in kube-controller-manager. */
const burst = 500;

interface Failure {
  readonly error: unknown;
}

/** Creates the Pods that a set lacks and deletes those that it has too many of. */
export class ReplicaManager<T extends ReplicaOwner> {
  readonly #kind: ReplicaKind<T>;
  readonly #sets: ReplicaQueue<T>;
  readonly #control: PodControl;
  readonly #clock: Clock;

  constructor(kind: ReplicaKind<T>, sets: ReplicaQueue<T>, control: PodControl, clock: Clock) {
    this.#kind = kind;
    this.#sets = sets;
    this.#control = control;
    this.#clock = clock;
  }

  /** Acts on the Pods that count; returns the first failure. */
  async manage(owner: T, active: readonly V1Pod[]): Promise<Failure | undefined> {
    const missing = wantedReplicas(owner) - active.length;
    if (missing > 0) return await this.#create(owner, Math.min(missing, burst));
    if (missing < 0) return await this.#delete(owner, active, Math.min(-missing, burst));
    return undefined;
  }

  async #create(owner: T, count: number): Promise<Failure | undefined> {
    const { expectations } = this.#sets;
    const key = objectKey(owner);
    expectations.expectCreations(key, count);
    const result = await slowStart(count, async () => {
      try {
        await this.#control.create(owner, this.#kind, owner.spec?.template ?? {});
      } catch (error) {
        // None of the others would come into being, and nobody waits for them.
        if (!isNamespaceEnding(error)) throw error;
      }
    });
    if (result.succeeded < count) expectations.observeCreation(key, count - result.succeeded);
    return "failure" in result ? { error: result.failure } : undefined;
  }

  async #delete(owner: T, active: readonly V1Pod[], count: number): Promise<Failure | undefined> {
    const { expectations } = this.#sets;
    const key = objectKey(owner);
    const chosen = podsToDelete(active, count, { related: this.#related(owner), nowMs: this.#clock.now() });
    const names = chosen.map(({ metadata }) => metadata?.name ?? "");
    expectations.expectDeletions(key, names);
    const failures: Failure[] = [];
    await Promise.all(
      names.map(async (name) => {
        try {
          await this.#control.delete(owner, name);
        } catch (error) {
          expectations.observeDeletion(key, name);
          if (!isNotFound(error)) failures.push({ error });
        }
      }),
    );
    return failures[0];
  }

  /** The Pods of all sets with the same controller, as the ReplicaSets of one Deployment are. */
  #related(owner: T): readonly V1Pod[] {
    const controller = controllerOf(owner);
    if (controller === undefined) return [];
    const siblings = controlledBy(this.#sets.owners, controller.uid);
    return siblings.flatMap(({ metadata }) => controlledBy(this.#sets.pods, metadata?.uid ?? ""));
  }
}
