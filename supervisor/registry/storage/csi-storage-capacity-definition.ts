import type { V1CSIStorageCapacity } from "../../api/generated/types.ts";
import {
  validateStorageCapacity,
  validateStorageCapacityUpdate,
} from "../../api/storage/v1/csi-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { column, tableOf } from "../table.ts";

type Capacity = Typed<V1CSIStorageCapacity>;

/** CSIStorageCapacities (kubernetes `pkg/registry/storage/csistoragecapacity`). */
export const csiStorageCapacityDefinition: ResourceDefinition = defineResource({
  group: "storage.k8s.io",
  resource: "csistoragecapacities",
  kind: "CSIStorageCapacity",
  namespaced: true,
  strategy: {
    allowUnconditionalUpdate: false,
    validate: (capacity: Capacity) => validateStorageCapacity(capacity),
    validateUpdate: (capacity: Capacity, old: Capacity) => validateStorageCapacityUpdate(capacity, old),
  },
  table: tableOf(
    [
      column("StorageClassName", "The class that the reported capacity applies to."),
      column("Capacity", "What is available for new volumes."),
    ],
    ({ storageClassName, capacity }: V1CSIStorageCapacity) => [storageClassName, capacity ?? "<unset>"],
  ),
});
