import type { V1ConfigMap, V1Secret } from "../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../supervisor/apimachinery/errors.ts";
import type {
  GroupVersionResource,
  KubernetesClient,
  KubernetesObject,
} from "../../supervisor/client/types.ts";
import type { ConfigSource } from "./containers/environment.ts";
import type { RuntimeClassSource } from "./runtime-classes/machine-class-of.ts";
import type { ClaimSource } from "./volumes/served-volume.ts";

/** ConfigMaps and Secrets read from the API each time that a container starts. */
export function apiConfigSource(client: KubernetesClient): ConfigSource {
  return {
    configMap: (namespace, name) => read<V1ConfigMap>(client, core("configmaps"), name, namespace),
    secret: (namespace, name) => read<V1Secret>(client, core("secrets"), name, namespace),
  };
}

/** RuntimeClasses read from the API each time that a machine starts. */
export function apiRuntimeClassSource(client: KubernetesClient): RuntimeClassSource {
  return (name) => read(client, { group: "node.k8s.io", version: "v1", resource: "runtimeclasses" }, name);
}

/** Claims and what they are bound to, read from the API each time that a volume is mounted. */
export function apiClaimSource(client: KubernetesClient): ClaimSource {
  return {
    claim: (namespace, name) => read(client, core("persistentvolumeclaims"), name, namespace),
    persistentVolume: (name) => read(client, core("persistentvolumes"), name),
  };
}

function core(resource: string): GroupVersionResource {
  return { group: "", version: "v1", resource };
}

async function read<T extends KubernetesObject>(
  client: KubernetesClient,
  resource: GroupVersionResource,
  name: string,
  namespace?: string,
): Promise<T | undefined> {
  try {
    return await client.resource<T>(resource, namespace).get(name);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
