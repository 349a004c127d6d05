/** How many Pods a budget is about, and how many of them must be well (kube-controller-manager `disruption.go`). */
import type { V1ObjectMeta, V1Pod, V1PodDisruptionBudgetSpec } from "../../api/generated/types.ts";
import { isNotFound } from "../../apimachinery/errors.ts";
import type { KubernetesClient, KubernetesObject } from "../../client/types.ts";
import { controllerOf } from "../pod-control/controller-reference.ts";

/** What of a controller of Pods is looked at. */
interface Scaled {
  readonly metadata?: V1ObjectMeta;
  readonly spec?: { readonly replicas?: number };
}

export interface Expected {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
  /** Pods that nobody controls, where that is needed to count. */
  readonly unmanaged: readonly string[];
}

/** The kinds whose number of Pods is known, by group and kind. */
const scaledResources: Readonly<Record<string, { readonly group: string; readonly resource: string }>> = {
  "apps/ReplicaSet": { group: "apps", resource: "replicasets" },
  "apps/Deployment": { group: "apps", resource: "deployments" },
  "apps/StatefulSet": { group: "apps", resource: "statefulsets" },
  "/ReplicationController": { group: "", resource: "replicationcontrollers" },
};

/** Throws where a Pod's controller is none whose number of Pods is known. */
export async function expectedPods(
  client: KubernetesClient,
  { minAvailable, maxUnavailable }: V1PodDisruptionBudgetSpec,
  pods: readonly V1Pod[],
): Promise<Expected> {
  if (maxUnavailable !== undefined) {
    const { count, unmanaged } = await expectedScale(client, pods);
    const desiredHealthy = Math.max(0, count - shareOf(maxUnavailable, count));
    return { expectedPods: count, desiredHealthy, unmanaged };
  }
  if (typeof minAvailable === "string") {
    const { count, unmanaged } = await expectedScale(client, pods);
    return { expectedPods: count, desiredHealthy: shareOf(minAvailable, count), unmanaged };
  }
  return { expectedPods: pods.length, desiredHealthy: minAvailable ?? 0, unmanaged: [] };
}

/** A number, or a share such as `25%`, rounded up. */
function shareOf(value: number | string, whole: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) * whole) / 100);
}

/** How many Pods the controllers of these want together. */
async function expectedScale(
  client: KubernetesClient,
  pods: readonly V1Pod[],
): Promise<{ readonly count: number; readonly unmanaged: readonly string[] }> {
  const scales = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const controller = controllerOf(pod);
    const { namespace = "", name = "" } = pod.metadata ?? {};
    if (controller === undefined) unmanaged.push(name);
    else if (!scales.has(controller.uid)) {
      const found = await scaleOf(client, namespace, pod);
      if (found === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(name)}`);
      scales.set(controller.uid, scales.has(found.uid) ? 0 : found.replicas);
      // Of several ReplicaSets of one Deployment the Deployment counts, once.
      if (found.uid !== controller.uid) scales.set(found.uid, 0);
    }
  }
  const count = Array.from(scales.values()).reduce((sum, replicas) => sum + replicas, 0);
  return { count, unmanaged };
}

/** The number of Pods that the topmost controller of an object wants. */
async function scaleOf(
  client: KubernetesClient,
  namespace: string,
  object: KubernetesObject,
): Promise<{ readonly uid: string; readonly replicas: number } | undefined> {
  const controller = controllerOf(object);
  if (controller === undefined) return undefined;
  const { apiVersion, kind, name, uid } = controller;
  const slash = apiVersion.indexOf("/");
  const known = scaledResources[`${apiVersion.slice(0, Math.max(0, slash))}/${kind}`];
  if (known === undefined) return undefined;
  try {
    const owner = await client.resource<Scaled>({ ...known, version: "v1" }, namespace).get(name);
    if (owner.metadata?.uid !== uid) return undefined;
    return (await scaleOf(client, namespace, owner)) ?? { uid, replicas: owner.spec?.replicas ?? 0 };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
