import type {
  KubernetesListObject,
  KubernetesObject,
  V1Condition,
  V1ObjectMeta,
} from "@kubernetes/client-node";

export const group = "databases.example.com";
export const version = "v1";
export const plural = "mongodbs";
export const apiVersion = `${group}/${version}`;

/** Keeps a MongoDB until its disks are gone. */
export const finalizer = `${group}/disks`;

export interface MongoDBSpec {
  readonly replicas: number;
  readonly version: string;
  readonly storage: { readonly size: string | number; readonly storageClassName?: string };
  readonly config?: Readonly<Record<string, string>>;
}

type Condition = Omit<V1Condition, "lastTransitionTime"> & { readonly lastTransitionTime: string };

export interface MongoDBStatus {
  readonly observedGeneration?: number;
  readonly phase?: "Pending" | "Running" | "Terminating";
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly selector?: string;
  readonly connectionSecret?: string;
  readonly conditions?: readonly Condition[];
}

/** A replica set that somebody wants. */
export interface MongoDB extends KubernetesObject {
  readonly metadata: V1ObjectMeta & {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
  };
  readonly spec: MongoDBSpec;
  readonly status?: MongoDBStatus;
}

export type MongoDBList = KubernetesListObject<MongoDB>;
