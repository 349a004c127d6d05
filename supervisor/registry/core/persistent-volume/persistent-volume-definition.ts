import { oldClassAnnotation } from "../../../api/core/v1/volume/persistent-volume-claim-validation.ts";
import {
  validatePersistentVolume,
  validatePersistentVolumeUpdate,
} from "../../../api/core/v1/volume/persistent-volume-validation.ts";
import { setSourceDefaults } from "../../../api/core/v1/volume/volume-defaults.ts";
import { volumeWarnings } from "../../../api/core/v1/volume/volume-warnings.ts";
import type { V1PersistentVolume } from "../../../api/generated/types.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition, StrategyContext, Typed } from "../../resource-definition.ts";
import { ownStatus } from "../../status-strategy.ts";
import { ageColumn, column, tableOf } from "../../table.ts";
import { formatAccessModes } from "./access-modes.ts";

type PersistentVolume = Typed<V1PersistentVolume>;

/** A phase's beginning is noted where the client does not say it. */
function prepareStatus(volume: PersistentVolume, old: PersistentVolume, { now }: StrategyContext): void {
  if (old.spec === undefined) delete volume.spec;
  else volume.spec = old.spec;
  const { phase, lastPhaseTransitionTime: since } = old.status ?? {};
  volume.status ??= {};
  if (volume.status.phase !== phase) {
    if ((volume.status.lastPhaseTransitionTime ?? since) === since)
      volume.status.lastPhaseTransitionTime = now;
  } else if (since !== undefined) volume.status.lastPhaseTransitionTime ??= since;
}

/** PersistentVolumes (kubernetes `pkg/registry/core/persistentvolume`). */
export const persistentVolumeDefinition: ResourceDefinition = defineResource({
  group: "",
  resource: "persistentvolumes",
  kind: "PersistentVolume",
  namespaced: false,
  shortNames: ["pv"],
  strategy: {
    returnsDeletedObject: true,
    setDefaults({ spec }: PersistentVolume) {
      if (spec === undefined) return;
      spec.persistentVolumeReclaimPolicy ||= "Retain";
      spec.volumeMode ??= "Filesystem";
      setSourceDefaults(spec);
    },
    ...ownStatus(),
    prepareForCreate(volume: PersistentVolume, { now }) {
      volume.status = { phase: "Pending", lastPhaseTransitionTime: now };
    },
    validate: (volume: PersistentVolume) => validatePersistentVolume(volume),
    validateUpdate: (volume: PersistentVolume, old: PersistentVolume) =>
      validatePersistentVolumeUpdate(volume, old),
    warnings: ({ spec, metadata }: PersistentVolume) => volumeWarnings(spec, metadata.annotations),
  },
  subresources: { status: { type: "part", strategy: { prepareForUpdate: prepareStatus } } },
  table: tableOf(
    [
      column("Capacity", "The volume's resources and capacity."),
      column("Access Modes", "All ways in which the volume can be mounted."),
      column("Reclaim Policy", "What happens to the volume when it is released from its claim."),
      column("Status", "Whether the volume is available, bound to a claim, or released by one."),
      column("Claim", "The claim that the volume is bound to."),
      column("StorageClass", "StorageClass of the pv"),
      column("VolumeAttributesClass", "VolumeAttributesClass of the pv"),
      column("Reason", "A brief description of a failure."),
      ageColumn,
      column("VolumeMode", "Whether the volume has a file system or stays a raw block device.", {
        priority: 1,
      }),
    ],
    ({ spec, status, metadata }: PersistentVolume, age) => [
      spec?.capacity?.storage ?? "",
      formatAccessModes(spec?.accessModes),
      spec?.persistentVolumeReclaimPolicy ?? "",
      metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating",
      spec?.claimRef === undefined ? "" : `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`,
      metadata.annotations?.[oldClassAnnotation] ?? spec?.storageClassName ?? "",
      spec?.volumeAttributesClassName ?? "<unset>",
      status?.reason ?? "",
      age,
      spec?.volumeMode ?? "<unset>",
    ],
  ),
  selectableFields: ({ metadata }) => ({ name: metadata.name ?? "" }),
});
