import type { V1VolumeAttributesClass } from "../../api/generated/types.ts";
import {
  validateAttributesClass,
  validateAttributesClassUpdate,
} from "../../api/storage/v1/storage-class-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { age, ageColumn, column, nameColumn } from "../table.ts";

type AttributesClass = Typed<V1VolumeAttributesClass>;

const defaultAnnotation = "volumeattributesclass.alpha.kubernetes.io/is-default-class";

/** VolumeAttributesClasses (kubernetes `pkg/registry/storage/volumeattributesclass`). */
export const volumeAttributesClassDefinition: ResourceDefinition = defineResource({
  group: "storage.k8s.io",
  resource: "volumeattributesclasses",
  kind: "VolumeAttributesClass",
  namespaced: false,
  shortNames: ["vac"],
  strategy: {
    returnsDeletedObject: true,
    validate: (attributes: AttributesClass) => validateAttributesClass(attributes),
    validateUpdate: (attributes: AttributesClass, old: AttributesClass) =>
      validateAttributesClassUpdate(attributes, old),
  },
  table: {
    columns: [nameColumn, column("DriverName", "Name of the CSI driver"), ageColumn],
    cells(object, nowMs) {
      // Decoding made this a VolumeAttributesClass.
      const { metadata, driverName } = object as unknown as AttributesClass;
      const isDefault = metadata.annotations?.[defaultAnnotation] === "true";
      const name = metadata.name ?? "";
      return [isDefault ? `${name} (default)` : name, driverName, age(metadata.creationTimestamp, nowMs)];
    },
  },
});
