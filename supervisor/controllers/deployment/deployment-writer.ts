import type { V1Deployment, V1DeploymentStatus, V1ReplicaSet } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { EventRecorder, KubernetesClient, ResourceClient } from "../../client/types.ts";
import { wantedReplicas } from "../replica-set/replica-kind.ts";
import { deploymentResource } from "./deployment-queue.ts";
import { maxSurge } from "./replica-counts.ts";
import { lacksAnnotations, scaleAnnotations } from "./revision-annotations.ts";

/** Writes Deployments and their ReplicaSets, and tells of it by events. Every method throws the server's refusal. */
export class DeploymentWriter {
  readonly #client: KubernetesClient;
  readonly #recorder: EventRecorder;

  constructor(client: KubernetesClient, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** The ReplicaSets of the Deployment's namespace. */
  sets({ metadata }: V1Deployment): ResourceClient<V1ReplicaSet> {
    return this.#client.resource<V1ReplicaSet>(resources.replicaSets, metadata?.namespace ?? "");
  }

  deployments({ metadata }: V1Deployment): ResourceClient<V1Deployment> {
    return this.#client.resource<V1Deployment>(deploymentResource, metadata?.namespace ?? "");
  }

  writeStatus(deployment: V1Deployment, status: V1DeploymentStatus): Promise<V1Deployment> {
    return this.deployments(deployment).updateStatus({ ...deployment, status });
  }

  async deleteSet(deployment: V1Deployment, { metadata }: V1ReplicaSet): Promise<void> {
    const { name = "", uid } = metadata ?? {};
    try {
      await this.sets(deployment).delete(name, uid === undefined ? {} : { uid });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Gives a set a size, and notes on it what size its Deployment has; returns it as it is then. */
  async scale(deployment: V1Deployment, set: V1ReplicaSet, size: number): Promise<V1ReplicaSet> {
    const before = wantedReplicas(set);
    const noted = scaleAnnotations(wantedReplicas(deployment), maxSurge(deployment));
    if (before === size && !lacksAnnotations(set, noted)) return set;
    const scaled = await this.sets(deployment).update({
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata?.annotations, ...noted } },
      spec: { ...set.spec, replicas: size },
    });
    if (before !== size) this.tellOfScale(deployment, scaled, before, size);
    return scaled;
  }

  tellOfScale(deployment: V1Deployment, set: V1ReplicaSet, before: number, size: number): void {
    const direction = before < size ? "up" : "down";
    const message = `Scaled ${direction} replica set ${set.metadata?.name} from ${before} to ${size}`;
    this.#recorder.event(deployment, "Normal", "ScalingReplicaSet", message);
  }

  warn(deployment: V1Deployment, reason: string, message: string): void {
    this.#recorder.event(deployment, "Warning", reason, message);
  }
}
