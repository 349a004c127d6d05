/** What a Pod's spec names in its namespace (kubernetes `pkg/api/pod` visitors and the Node authorizer's graph). */
import type {
  V1Container,
  V1EphemeralContainer,
  V1Pod,
  V1PodSpec,
  V1Volume,
  V1VolumeProjection,
} from "../../../generated/types.ts";

type Reference = readonly [resource: string, name: string | undefined];

/** `secrets/namespace/name` for all that a node needs to run the Pod. */
export function podReferences({ metadata, spec, status }: V1Pod): ReadonlySet<string> {
  const namespace = metadata?.namespace ?? "";
  const claims: readonly Reference[] = (status?.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => [
    "resourceclaims",
    resourceClaimName,
  ]);
  const ephemeral = (volume: V1Volume): Reference => [
    "persistentvolumeclaims",
    volume.ephemeral === undefined ? undefined : `${metadata?.name ?? ""}-${volume.name}`,
  ];
  const all = [
    ...(spec === undefined ? [] : specReferences(spec)),
    ...(spec?.volumes ?? []).map(ephemeral),
    ...claims,
  ];
  return new Set(all.flatMap(([resource, name]) => (name ? [`${resource}/${namespace}/${name}`] : [])));
}

function specReferences(spec: V1PodSpec): readonly Reference[] {
  const containers = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  return [
    ["serviceaccounts", spec.serviceAccountName],
    ...(spec.imagePullSecrets ?? []).map(({ name }): Reference => ["secrets", name]),
    ...(spec.resourceClaims ?? []).map(
      ({ resourceClaimName }): Reference => ["resourceclaims", resourceClaimName],
    ),
    ...(spec.volumes ?? []).flatMap(volumeReferences),
    ...containers.flatMap(containerReferences),
  ];
}

function volumeReferences(volume: V1Volume): readonly Reference[] {
  return [
    ["secrets", volume.secret?.secretName],
    ["secrets", volume.azureFile?.secretName],
    ["secrets", volume.cephfs?.secretRef?.name],
    ["secrets", volume.cinder?.secretRef?.name],
    ["secrets", volume.csi?.nodePublishSecretRef?.name],
    ["secrets", volume.flexVolume?.secretRef?.name],
    ["secrets", volume.iscsi?.secretRef?.name],
    ["secrets", volume.rbd?.secretRef?.name],
    ["secrets", volume.scaleIO?.secretRef?.name],
    ["secrets", volume.storageos?.secretRef?.name],
    ["configmaps", volume.configMap?.name],
    ["persistentvolumeclaims", volume.persistentVolumeClaim?.claimName],
    ...(volume.projected?.sources ?? []).flatMap(projectionReferences),
  ];
}

function projectionReferences(source: V1VolumeProjection): readonly Reference[] {
  return [
    ["secrets", source.secret?.name],
    ["configmaps", source.configMap?.name],
  ];
}

function containerReferences(container: V1Container | V1EphemeralContainer): readonly Reference[] {
  return [
    ...(container.envFrom ?? []).flatMap((source): readonly Reference[] => [
      ["secrets", source.secretRef?.name],
      ["configmaps", source.configMapRef?.name],
    ]),
    ...(container.env ?? []).flatMap(({ valueFrom }): readonly Reference[] => [
      ["secrets", valueFrom?.secretKeyRef?.name],
      ["configmaps", valueFrom?.configMapKeyRef?.name],
    ]),
  ];
}
