import type { V1LabelSelector, V1PodTemplateSpec, V1ReplicaSetStatus } from "../../api/generated/types.ts";
import type { GroupVersionResource, KubernetesObject } from "../../client/types.ts";

/** What ReplicaSets and ReplicationControllers have in common. */
export interface ReplicaOwner extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: V1PodTemplateSpec;
  };
  readonly status?: V1ReplicaSetStatus;
}

/** And where they differ. */
export interface ReplicaKind<T extends ReplicaOwner> {
  readonly controllerName: string;
  /** The source of its events. */
  readonly component: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: GroupVersionResource;
  /** Whether the status tells how many Pods are being deleted. */
  readonly countsTerminating: boolean;
  selectorOf(owner: T): V1LabelSelector;
}

/** How many Pods are wanted; 1 where it is not said. */
export function wantedReplicas({ spec }: { readonly spec?: { readonly replicas?: number } }): number {
  return spec?.replicas ?? 1;
}
