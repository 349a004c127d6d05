import type { V1ObjectMeta } from "../../api/generated/types.ts";
import { ApiError, isNotFound } from "../../apimachinery/errors.ts";
import type { DiscoveredResource } from "../../client/discovery.ts";
import { createMetadataClient } from "../../client/metadata-client.ts";
import type { KubernetesClient, KubernetesObject } from "../../client/types.ts";

/** What is left of one resource in a namespace after its deletion was asked for. */
export interface RemainingContent {
  readonly resource: DiscoveredResource;
  readonly objects: ReadonlyArray<V1ObjectMeta>;
}

/** Deletes all objects of one resource in a namespace and returns what is still there, for finalizers or a grace period. */
export async function deleteNamespacedContent(
  client: KubernetesClient,
  resource: DiscoveredResource,
  namespace: string,
): Promise<RemainingContent> {
  const objects = client.resource<KubernetesObject>(resource, namespace);
  try {
    if (resource.verbs.includes("deletecollection")) {
      await objects.deleteCollection({ propagationPolicy: "Background" });
    } else {
      for (const object of (await objects.list()).items) {
        if (object.metadata?.deletionTimestamp === undefined) await deleteOne(objects, object);
      }
    }
    const names = createMetadataClient(client.transport).resource<KubernetesObject>(resource, namespace);
    const left = await names.list();
    return { resource, objects: left.items.map((object) => object.metadata ?? {}) };
  } catch (error) {
    // The resource's definition went away, or it cannot be listed: nothing of it can be here.
    if (isNotFound(error) || (error instanceof ApiError && error.code === 405))
      return { resource, objects: [] };
    throw error;
  }
}

async function deleteOne(
  objects: ReturnType<KubernetesClient["resource"]>,
  object: KubernetesObject,
): Promise<void> {
  try {
    await objects.delete(object.metadata?.name ?? "", { propagationPolicy: "Background" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
