/** The ReplicaSet of a Deployment's present template: found, kept up to date, or made (kubernetes `deployment/sync.go`). */
import type { V1Deployment, V1DeploymentCondition, V1ReplicaSet } from "../../api/generated/types.ts";
import { isAlreadyExists } from "../../apimachinery/errors.ts";
import type { Clock } from "../../base/clock.ts";
import { controllerOf, controllerReference } from "../pod-control/controller-reference.ts";
import { isNamespaceEnding, messageOf } from "../pod-control/pod-control.ts";
import { wantedReplicas } from "../replica-set/replica-kind.ts";
import { deadlineMs, findCondition, makeCondition, withCondition } from "./deployment-conditions.ts";
import type { DeploymentWriter } from "./deployment-writer.ts";
import { compareAges, maxSurge, nextNewSize } from "./replica-counts.ts";
import {
  lacksAnnotations,
  newSetAnnotations,
  revisionAnnotation,
  revisionOf,
  scaleAnnotations,
} from "./revision-annotations.ts";
import { hashLabel, isSameTemplate, templateHash } from "./template-hash.ts";

export const deploymentKind = { apiVersion: "apps/v1", kind: "Deployment" };

/** The oldest with the Deployment's template: all controllers must agree on one. */
export function findNewSet({ spec }: V1Deployment, sets: readonly V1ReplicaSet[]): V1ReplicaSet | undefined {
  const same = sets.filter((set) => isSameTemplate(set.spec?.template, spec?.template));
  return same.sort(compareAges)[0];
}

export interface Renewal {
  readonly deployment: V1Deployment;
  /** Undefined where a set of another template has its name: the next try takes another one. */
  readonly newSet: V1ReplicaSet | undefined;
}

export class NewReplicaSet {
  readonly #writer: DeploymentWriter;
  readonly #clock: Clock;

  constructor(writer: DeploymentWriter, clock: Clock) {
    this.#writer = writer;
    this.#clock = clock;
  }

  /** Writes the Deployment's annotations and its next revision on the set, then the set's revision on the Deployment. */
  async renew(
    deployment: V1Deployment,
    set: V1ReplicaSet,
    oldSets: readonly V1ReplicaSet[],
  ): Promise<Renewal> {
    const annotations = newSetAnnotations(deployment, set, nextRevision(oldSets));
    const { minReadySeconds = 0 } = deployment.spec ?? {};
    if (lacksAnnotations(set, annotations) || (set.spec?.minReadySeconds ?? 0) !== minReadySeconds) {
      const newSet = await this.#writer.sets(deployment).update({
        ...set,
        metadata: { ...set.metadata, annotations: { ...set.metadata?.annotations, ...annotations } },
        spec: { ...set.spec, minReadySeconds },
      });
      return { deployment, newSet };
    }
    const isFound = findCondition(deployment.status?.conditions, "Progressing") !== undefined;
    const message = `Found new replica set ${JSON.stringify(set.metadata?.name)}`;
    const found = isFound ? undefined : this.#progressing("True", "FoundNewReplicaSet", message);
    const revision = set.metadata?.annotations?.[revisionAnnotation] ?? "";
    return { deployment: await this.#note(deployment, revision, found), newSet: set };
  }

  /** Makes the set, of the size that it may have at once. */
  async create(deployment: V1Deployment, oldSets: readonly V1ReplicaSet[]): Promise<Renewal> {
    const set = this.#makeSet(deployment, oldSets);
    const name = set.metadata?.name ?? "";
    let created: V1ReplicaSet;
    try {
      created = await this.#writer.sets(deployment).create(set);
    } catch (error) {
      if (isAlreadyExists(error)) return await this.#meet(deployment, name);
      if (!isNamespaceEnding(error)) await this.#noteFailure(deployment, name, error);
      throw error;
    }
    const size = wantedReplicas(created);
    if (size > 0) this.#writer.tellOfScale(deployment, created, 0, size);
    const message = `Created new replica set ${JSON.stringify(name)}`;
    const condition = this.#progressing("True", "NewReplicaSetCreated", message);
    const revision = created.metadata?.annotations?.[revisionAnnotation] ?? "";
    return { deployment: await this.#note(deployment, revision, condition), newSet: created };
  }

  #makeSet(deployment: V1Deployment, oldSets: readonly V1ReplicaSet[]): V1ReplicaSet {
    const { metadata, spec, status } = deployment;
    const { name = "", namespace = "" } = metadata ?? {};
    const template = spec?.template ?? {};
    const hash = templateHash(template, status?.collisionCount);
    const labels = { ...template.metadata?.labels, [hashLabel]: hash };
    const annotations = {
      ...newSetAnnotations(deployment, {}, nextRevision(oldSets)),
      ...scaleAnnotations(wantedReplicas(deployment), maxSurge(deployment)),
    };
    return {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations,
        ownerReferences: [controllerReference(deployment, deploymentKind)],
      },
      spec: {
        replicas: nextNewSize(deployment, oldSets, 0),
        minReadySeconds: spec?.minReadySeconds ?? 0,
        selector: {
          ...spec?.selector,
          matchLabels: { ...spec?.selector?.matchLabels, [hashLabel]: hash },
        },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
  }

  /** A set of the name is there: the one that is wanted and that the informer has not shown yet, or another's. */
  async #meet(deployment: V1Deployment, name: string): Promise<Renewal> {
    const set = await this.#writer.sets(deployment).get(name);
    const isOurs = controllerOf(set)?.uid === deployment.metadata?.uid;
    if (isOurs && isSameTemplate(set.spec?.template, deployment.spec?.template)) {
      return { deployment, newSet: set };
    }
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    const counted = await this.#writer.writeStatus(deployment, { ...deployment.status, collisionCount });
    return { deployment: counted, newSet: undefined };
  }

  async #noteFailure(deployment: V1Deployment, name: string, error: unknown): Promise<void> {
    const reason = "ReplicaSetCreateError";
    const message = `Failed to create new replica set ${JSON.stringify(name)}: ${messageOf(error)}`;
    this.#writer.warn(deployment, reason, message);
    await this.#note(deployment, undefined, this.#progressing("False", reason, message));
  }

  #progressing(status: "True" | "False", reason: string, message: string): V1DeploymentCondition {
    return makeCondition("Progressing", status, reason, message, this.#clock.now());
  }

  /** Writes a revision and a condition on the Deployment, where it has them not yet; returns it as it is then. */
  async #note(
    deployment: V1Deployment,
    revision: string | undefined,
    condition: V1DeploymentCondition | undefined,
  ): Promise<V1Deployment> {
    const { metadata, status = {} } = deployment;
    const before = status.conditions ?? [];
    const isAwaited = condition !== undefined && deadlineMs(deployment) !== undefined;
    const conditions = isAwaited ? withCondition(before, condition) : before;
    const noted = revision === undefined ? {} : { [revisionAnnotation]: revision };
    if (conditions === before && !lacksAnnotations(deployment, noted)) return deployment;
    const annotations = { ...metadata?.annotations, ...noted };
    return await this.#writer.writeStatus(
      { ...deployment, metadata: { ...metadata, annotations } },
      { ...status, conditions },
    );
  }
}

function nextRevision(oldSets: readonly V1ReplicaSet[]): number {
  return Math.max(0, ...oldSets.map(revisionOf)) + 1;
}
