import type { V1Pod } from "../../api/generated/types.ts";
import { selectorMatches } from "../../apimachinery/label-selector.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer } from "../../client/types.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { ControllerEnvironment } from "../controller.ts";
import { controllerOf, indexByController } from "../pod-control/controller-reference.ts";
import { Expectations } from "../pod-control/expectations.ts";
import type { ReplicaKind, ReplicaOwner } from "./replica-kind.ts";

/** The sets whose Pods may be too many or too few now, or have changed, and what they wait to see of what they did. */
export class ReplicaQueue<T extends ReplicaOwner> {
  readonly owners: Informer<T>;
  readonly pods: Informer<V1Pod>;
  readonly queue: WorkQueue;
  readonly expectations: Expectations;
  readonly #kind: ReplicaKind<T>;

  constructor(kind: ReplicaKind<T>, environment: ControllerEnvironment) {
    this.#kind = kind;
    this.owners = environment.informers.informer<T>(kind.resource);
    this.owners.addIndexer("namespace", ({ metadata }) => [metadata?.namespace ?? ""]);
    indexByController(this.owners);
    this.pods = environment.informers.informer<V1Pod>(resources.pods);
    indexByController(this.pods);
    this.queue = new WorkQueue({ name: kind.controllerName, ...environment });
    this.expectations = new Expectations(environment.clock);
  }

  /** Notes changes from now on. */
  follow(): void {
    const add = (owner: T): void => this.queue.add(objectKey(owner));
    this.owners.addHandlers({
      onAdd: add,
      onUpdate: add,
      onDelete: (owner) => {
        this.expectations.forget(objectKey(owner));
        add(owner);
      },
    });
    this.pods.addHandlers({
      onAdd: (pod) => this.#podAdded(pod),
      onUpdate: (pod, previous) => this.#podChanged(pod, previous),
      onDelete: (pod) => this.#podGoes(pod),
    });
  }

  #podAdded(pod: V1Pod): void {
    if (pod.metadata?.deletionTimestamp !== undefined) {
      this.#podGoes(pod);
      return;
    }
    if (controllerOf(pod) === undefined) this.#addSelecting(pod);
    const key = this.#ownerKey(pod);
    if (key === undefined) return;
    this.expectations.observeCreation(key);
    this.queue.add(key);
  }

  #podChanged(pod: V1Pod, previous: V1Pod): void {
    const hasMoved = controllerOf(pod)?.uid !== controllerOf(previous)?.uid;
    if (pod.metadata?.deletionTimestamp !== undefined) {
      this.#podGoes(pod);
      if (hasMoved) this.#podGoes(previous);
      return;
    }
    const before = hasMoved ? this.#ownerKey(previous) : undefined;
    if (before !== undefined) this.queue.add(before);
    const key = this.#ownerKey(pod);
    if (key !== undefined) this.queue.add(key);
    if (controllerOf(pod) !== undefined) return;
    if (hasMoved || !Bun.deepEquals(pod.metadata?.labels, previous.metadata?.labels)) this.#addSelecting(pod);
  }

  /** A Pod that is being deleted is gone for the count. */
  #podGoes(pod: V1Pod): void {
    const key = this.#ownerKey(pod);
    if (key === undefined) return;
    this.expectations.observeDeletion(key, pod.metadata?.name ?? "");
    this.queue.add(key);
  }

  #ownerKey(pod: V1Pod): string | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== this.#kind.kind) return undefined;
    const key = `${pod.metadata?.namespace}/${reference.name}`;
    return this.owners.get(key)?.metadata?.uid === reference.uid ? key : undefined;
  }

  /** Somebody may want to adopt an orphan. */
  #addSelecting({ metadata }: V1Pod): void {
    for (const owner of this.owners.byIndex("namespace", metadata?.namespace ?? "")) {
      if (selectorMatches(this.#kind.selectorOf(owner), metadata?.labels ?? {}) === true) {
        this.queue.add(objectKey(owner));
      }
    }
  }
}
