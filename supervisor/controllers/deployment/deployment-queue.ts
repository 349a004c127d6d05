import type { V1Deployment, V1Pod, V1ReplicaSet } from "../../api/generated/types.ts";
import { selectorMatches } from "../../apimachinery/label-selector.ts";
import { objectKey } from "../../client/object-store.ts";
import { resources } from "../../client/resources.ts";
import type { Informer, KubernetesObject } from "../../client/types.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { ControllerEnvironment } from "../controller.ts";
import { controllerOf, indexByController } from "../pod-control/controller-reference.ts";
import { isRolling } from "./replica-counts.ts";

export const deploymentResource = { group: "apps", version: "v1", resource: "deployments" };

/** The Deployments that something may have to be done for. */
export class DeploymentQueue {
  readonly deployments: Informer<V1Deployment>;
  readonly sets: Informer<V1ReplicaSet>;
  readonly pods: Informer<V1Pod>;
  readonly queue: WorkQueue;

  constructor(environment: ControllerEnvironment) {
    this.deployments = environment.informers.informer<V1Deployment>(deploymentResource);
    this.deployments.addIndexer("namespace", ({ metadata }) => [metadata?.namespace ?? ""]);
    this.sets = environment.informers.informer<V1ReplicaSet>(resources.replicaSets);
    indexByController(this.sets);
    this.pods = environment.informers.informer<V1Pod>(resources.pods);
    indexByController(this.pods);
    this.queue = new WorkQueue({ name: "deployment", ...environment });
  }

  /** Notes changes from now on. */
  follow(): void {
    const add = (deployment: V1Deployment): void => this.queue.add(objectKey(deployment));
    this.deployments.addHandlers({ onAdd: add, onUpdate: add, onDelete: add });
    this.sets.addHandlers({
      onAdd: (set) => {
        this.#addOwner(set);
        this.#addSelecting(set);
      },
      onUpdate: (set, previous) => {
        this.#addOwner(set);
        const hasMoved = controllerOf(set)?.uid !== controllerOf(previous)?.uid;
        if (hasMoved) this.#addOwner(previous);
        if (hasMoved || !Bun.deepEquals(set.metadata?.labels, previous.metadata?.labels)) {
          this.#addSelecting(set);
        }
      },
      onDelete: (set) => this.#addOwner(set),
    });
    this.pods.addHandlers({ onDelete: (pod) => this.#podGone(pod) });
  }

  #addOwner(set: V1ReplicaSet): void {
    const deployment = this.#ownerOf(set);
    if (deployment !== undefined) this.queue.add(objectKey(deployment));
  }

  /** Somebody may want to adopt an orphan. */
  #addSelecting(set: V1ReplicaSet): void {
    const { namespace = "", labels = {}, deletionTimestamp } = set.metadata ?? {};
    if (controllerOf(set) !== undefined || deletionTimestamp !== undefined) return;
    for (const deployment of this.deployments.byIndex("namespace", namespace)) {
      if (selectorMatches(deployment.spec?.selector ?? {}, labels) === true) {
        this.queue.add(objectKey(deployment));
      }
    }
  }

  /** A Deployment that recreates its Pods may have waited for the last old one. */
  #podGone(pod: V1Pod): void {
    const reference = controllerOf(pod);
    if (reference?.kind !== "ReplicaSet") return;
    const set = this.sets.get(`${pod.metadata?.namespace}/${reference.name}`);
    if (set?.metadata?.uid !== reference.uid) return;
    const deployment = this.#ownerOf(set);
    if (deployment !== undefined && !isRolling(deployment)) this.queue.add(objectKey(deployment));
  }

  #ownerOf(set: KubernetesObject): V1Deployment | undefined {
    const reference = controllerOf(set);
    if (reference?.kind !== "Deployment") return undefined;
    const deployment = this.deployments.get(`${set.metadata?.namespace}/${reference.name}`);
    return deployment?.metadata?.uid === reference.uid ? deployment : undefined;
  }
}
