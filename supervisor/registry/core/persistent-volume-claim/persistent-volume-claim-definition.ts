import {
  normalizeDataSources,
  oldClassAnnotation,
  validateClaim,
  validateClaimStatus,
  validateClaimUpdate,
} from "../../../api/core/v1/volume/persistent-volume-claim-validation.ts";
import { claimWarnings } from "../../../api/core/v1/volume/volume-warnings.ts";
import type { V1PersistentVolumeClaim } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition, Typed } from "../../resource-definition.ts";
import { ownStatus, prepared, statusPart } from "../../status-strategy.ts";
import { ageColumn, column, tableOf } from "../../table.ts";
import { formatAccessModes } from "../persistent-volume/access-modes.ts";

type Claim = Typed<V1PersistentVolumeClaim>;

/** PersistentVolumeClaims (kubernetes `pkg/registry/core/persistentvolumeclaim`). */
export const persistentVolumeClaimDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
  namespaced: true,
  shortNames: ["pvc"],
  strategy: {
    returnsDeletedObject: true,
    setDefaults({ spec }: Claim) {
      if (spec !== undefined) spec.volumeMode ??= "Filesystem";
    },
    ...prepared(ownStatus({ phase: "Pending" }), {
      prepareForCreate: ({ spec }: Claim) => normalizeDataSources(spec),
      prepareForUpdate: ({ spec }: Claim, old: Claim) => normalizeDataSources(spec, old.spec),
    }),
    validate: (claim: Claim) => validateClaim(claim),
    validateUpdate: (claim: Claim, old: Claim) => validateClaimUpdate(claim, old),
    warnings: ({ spec, metadata }: Claim) => claimWarnings(spec, metadata.annotations),
  },
  subresources: { status: statusPart({ validateUpdate: (claim: Claim) => validateClaimStatus(claim) }) },
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
