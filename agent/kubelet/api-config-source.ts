import type { V1ConfigMap, V1Secret } from "../../supervisor/api/generated/types.ts";
import { isNotFound } from "../../supervisor/apimachinery/errors.ts";
import type { KubernetesClient, KubernetesObject } from "../../supervisor/client/types.ts";
import type { ConfigSource } from "./containers/environment.ts";

/** ConfigMaps and Secrets read from the API each time that a container starts. */
export function apiConfigSource(client: KubernetesClient): ConfigSource {
  const read = async <T extends KubernetesObject>(
    resource: string,
    namespace: string,
    name: string,
  ): Promise<T | undefined> => {
    try {
      return await client.resource<T>({ group: "", version: "v1", resource }, namespace).get(name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    configMap: (namespace, name) => read<V1ConfigMap>("configmaps", namespace, name),
    secret: (namespace, name) => read<V1Secret>("secrets", namespace, name),
  };
}
