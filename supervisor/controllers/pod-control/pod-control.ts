import type { V1Pod, V1PodTemplateSpec } from "../../api/generated/types.ts";
import { ApiError, isNotFound } from "../../apimachinery/errors.ts";
import { resources } from "../../client/resources.ts";
import type { EventRecorder, KubernetesClient, KubernetesObject } from "../../client/types.ts";
import { controllerReference } from "./controller-reference.ts";

/** The longest name of a Pod. */
const longestName = 253;

/** Creates and deletes the Pods of owners of one kind and tells of it by events (kubernetes `RealPodControl`). */
export class PodControl {
  readonly #client: KubernetesClient;
  readonly #recorder: EventRecorder;

  constructor(client: KubernetesClient, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** Throws what the API server refuses the Pod with. */
  async create(
    owner: KubernetesObject,
    kind: { readonly apiVersion: string; readonly kind: string },
    template: V1PodTemplateSpec,
  ): Promise<void> {
    const pods = this.#client.resource<V1Pod>(resources.pods, owner.metadata?.namespace ?? "");
    try {
      const pod = podOf(owner, kind, template);
      const created = await pods.create(pod);
      this.#recorder.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata?.name}`);
    } catch (error) {
      if (!isNamespaceEnding(error)) {
        this.#recorder.event(owner, "Warning", "FailedCreate", `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  /** Throws what the API server refuses it with, as it is for one that is gone. */
  async delete(owner: KubernetesObject, name: string): Promise<void> {
    const pods = this.#client.resource<V1Pod>(resources.pods, owner.metadata?.namespace ?? "");
    try {
      await pods.delete(name);
      this.#recorder.event(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    } catch (error) {
      if (isNotFound(error)) throw error;
      this.#recorder.event(owner, "Warning", "FailedDelete", `Error deleting: ${messageOf(error)}`);
      throw new Error(`unable to delete pods: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** Whether something cannot be created because its namespace is on its way out: trying again is of no use. */
export function isNamespaceEnding(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (error.status.details?.causes ?? []).some(({ reason }) => reason === "NamespaceTerminating");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function podOf(
  owner: KubernetesObject,
  kind: { readonly apiVersion: string; readonly kind: string },
  { metadata = {}, spec }: V1PodTemplateSpec,
): V1Pod {
  const { labels = {}, annotations, finalizers } = metadata;
  if (Object.keys(labels).length === 0) throw new Error("unable to create pods, no labels");
  const { name = "" } = owner.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: name.length < longestName ? `${name}-` : name,
      labels,
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner, kind)],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}
