import type { V1Container, V1Pod, V1Volume } from "../../../supervisor/api/generated/types.ts";
import { podIdentity } from "../sandbox/pod-identity.ts";
import type { ObjectKey } from "./watched-objects.ts";

/** The Pod's volumes that the guest keeps: without images, and those that no container uses. */
export function mountedVolumes({ spec }: V1Pod): readonly V1Volume[] {
  const { initContainers = [], containers: main = [], ephemeralContainers = [] } = spec ?? {};
  const containers = [...initContainers, ...main, ...ephemeralContainers];
  const mounted = new Set(
    containers.flatMap(({ volumeMounts = [], volumeDevices = [] }: Partial<V1Container>) =>
      [...volumeMounts, ...volumeDevices].map(({ name }) => name),
    ),
  );
  return (spec?.volumes ?? []).filter(({ name, image }) => mounted.has(name) && !image);
}

/** The ConfigMaps and Secrets that the mounted volumes of the Pod name. */
export function volumeReferences(pod: V1Pod): ObjectKey[] {
  const { namespace } = podIdentity(pod);
  const keys = mountedVolumes(pod).flatMap(({ configMap, secret, projected }): ObjectKey[] => [
    ...keyOf("configmaps", namespace, configMap?.name),
    ...keyOf("secrets", namespace, secret?.secretName),
    ...(projected?.sources ?? []).flatMap((source) => [
      ...keyOf("configmaps", namespace, source.configMap?.name),
      ...keyOf("secrets", namespace, source.secret?.name),
    ]),
  ]);
  return keys;
}

function keyOf(resource: ObjectKey["resource"], namespace: string, name: string | undefined): ObjectKey[] {
  return name ? [{ resource, namespace, name }] : [];
}
