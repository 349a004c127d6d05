import { nodeLabelWarning } from "../../api/core/v1/node/node-label-warnings.ts";
import type { V1StorageClass } from "../../api/generated/types.ts";
import {
  validateStorageClass,
  validateStorageClassUpdate,
} from "../../api/storage/v1/storage-class-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../table.ts";

type StorageClass = Typed<V1StorageClass>;

const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];

/** Labels of nodes that have newer names (kubernetes `pkg/api/storage/util.go`). */
function storageClassWarnings({ allowedTopologies = [] }: StorageClass): string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, index) =>
    matchLabelExpressions.flatMap(({ key }, position) => {
      const path = `allowedTopologies[${index}].matchLabelExpressions[${position}].key`;
      const warning = nodeLabelWarning(key);
      return warning === undefined ? [] : [`${path}: ${warning}`];
    }),
  );
}

/** StorageClasses (kubernetes `pkg/registry/storage/storageclass`). */
export const storageClassDefinition: ResourceDefinition = defineResource({
  group: "storage.k8s.io",
  resource: "storageclasses",
  kind: "StorageClass",
  namespaced: false,
  shortNames: ["sc"],
  strategy: {
    returnsDeletedObject: true,
    setDefaults(storageClass: StorageClass) {
      storageClass.reclaimPolicy ??= "Delete";
      storageClass.volumeBindingMode ??= "Immediate";
    },
    validate: (storageClass: StorageClass) => validateStorageClass(storageClass),
    validateUpdate: (storageClass: StorageClass, old: StorageClass) =>
      validateStorageClassUpdate(storageClass, old),
    warnings: (storageClass: StorageClass) => storageClassWarnings(storageClass),
  },
  table: {
    columns: [
      nameColumn,
      column("Provisioner", "The type of the provisioner."),
      column("ReclaimPolicy", "What happens to volumes of this class that are released."),
      column("VolumeBindingMode", "When volumes of this class are provisioned and bound."),
      column("AllowVolumeExpansion", "Whether volumes of this class may grow."),
      ageColumn,
    ],
    cells(object, nowMs) {
      // Decoding made this a StorageClass.
      const storageClass = object as unknown as StorageClass;
      const { name = "", annotations = {}, creationTimestamp } = storageClass.metadata;
      const isDefault = defaultAnnotations.some((key) => annotations[key] === "true");
      return [
        isDefault ? `${name} (default)` : name,
        storageClass.provisioner,
        storageClass.reclaimPolicy ?? "Delete",
        storageClass.volumeBindingMode ?? "Immediate",
        storageClass.allowVolumeExpansion ?? false,
        age(creationTimestamp, nowMs),
      ];
    },
  },
});
