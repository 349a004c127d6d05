import type { V1ConfigMap, V1Secret } from "../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../supervisor/apimachinery/errors.ts";
import type { KubernetesClient, KubernetesObject } from "../../supervisor/client/types.ts";
import type { ConfigSource } from "./containers/environment.ts";
import type { ClaimSource } from "./volumes/served-volume.ts";

/** ConfigMaps and Secrets read from the API each time that a container starts. */
export function apiConfigSource(client: KubernetesClient): ConfigSource {
  return {
    configMap: (namespace, name) => read<V1ConfigMap>(client, "configmaps", name, namespace),
    secret: (namespace, name) => read<V1Secret>(client, "secrets", name, namespace),
  };
}

/** Claims and what they are bound to, read from the API each time that a volume is mounted. */
export function apiClaimSource(client: KubernetesClient): ClaimSource {
  return {
    claim: (namespace, name) => read(client, "persistentvolumeclaims", name, namespace),
    persistentVolume: (name) => read(client, "persistentvolumes", name),
  };
}

async function read<T extends KubernetesObject>(
  client: KubernetesClient,
  resource: string,
  name: string,
  namespace?: string,
): Promise<T | undefined> {
  try {
    return await client.resource<T>({ group: "", version: "v1", resource }, namespace).get(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
