import type { V1Node } from "../api/generated/types.ts";
import { isNotFound } from "../apimachinery/errors.ts";
import { resources } from "../client/resources.ts";
import type { KubernetesClient } from "../client/types.ts";

/** Asks the API server, not a copy that may lag behind, whether there is a Node of this name. */
export async function nodeExists(client: KubernetesClient, name: string): Promise<boolean> {
  try {
    await client.resource<V1Node>(resources.nodes).get(name);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
