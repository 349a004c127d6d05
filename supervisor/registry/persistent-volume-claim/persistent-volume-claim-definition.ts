import type { V1PersistentVolumeClaim } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import { formatAccessModes } from "../persistent-volume/access-modes.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ownStatus, statusPart } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type Claim = Typed<V1PersistentVolumeClaim>;

const oldClassAnnotation = "volume.beta.kubernetes.io/storage-class";

/** PersistentVolumeClaims (kubernetes `pkg/registry/core/persistentvolumeclaim`). */
export const persistentVolumeClaimDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
  namespaced: true,
  shortNames: ["pvc"],
  strategy: { returnsDeletedObject: true, ...ownStatus({ phase: "Pending" }) },
  subresources: { status: statusPart() },
  table: tableOf(
    [
      column("Status", "The current phase of the claim."),
      column("Volume", "The volume that the claim is bound to."),
      column("Capacity", "The resources of the volume that backs it."),
      column("Access Modes", "The access modes that the volume has."),
      column("StorageClass", "StorageClass of the pvc"),
      column("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
      ageColumn,
      column("VolumeMode", "The kind of volume that the claim requires.", { priority: 1 }),
    ],
    ({ spec, status, metadata }: Claim, age) => {
      const isBound = Boolean(spec?.volumeName);
      return [
        metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating",
        spec?.volumeName ?? "",
        isBound ? (status?.capacity?.storage ?? "0") : "",
        isBound ? formatAccessModes(status?.accessModes) : "",
        metadata.annotations?.[oldClassAnnotation] ?? spec?.storageClassName ?? "",
        spec?.volumeAttributesClassName ?? "<unset>",
        age,
        spec?.volumeMode ?? "<unset>",
      ];
    },
  ),
  selectableFields: ({ metadata }) => ({ name: metadata.name ?? "" }),
});
