import type { V1CSIDriver } from "../../api/generated/types.ts";
import {
  setCsiDriverDefaults,
  validateCsiDriver,
  validateCsiDriverUpdate,
} from "../../api/storage/v1/csi-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { countedGeneration } from "../status-strategy.ts";
import { ageColumn, column, tableOf } from "../table.ts";

const flag = { type: "boolean" } as const;

type CsiDriver = Typed<V1CSIDriver>;

/** CSIDrivers (kubernetes `pkg/registry/storage/csidriver`). */
export const csiDriverDefinition: ResourceDefinition = defineResource({
  group: "storage.k8s.io",
  resource: "csidrivers",
  kind: "CSIDriver",
  namespaced: false,
  strategy: {
    allowUnconditionalUpdate: false,
    returnsDeletedObject: true,
    ...countedGeneration(),
    setDefaults({ spec }: CsiDriver) {
      if (spec !== undefined) setCsiDriverDefaults(spec);
    },
    validate: (driver: CsiDriver) => validateCsiDriver(driver),
    validateUpdate: (driver: CsiDriver, old: CsiDriver) => validateCsiDriverUpdate(driver, old),
  },
  table: tableOf(
    [
      column("AttachRequired", "Whether volumes of this driver need to be attached.", flag),
      column("PodInfoOnMount", "Whether the driver gets information about the pod when mounting.", flag),
      column("StorageCapacity", "Whether the driver reports the storage capacity it has.", flag),
      column("TokenRequests", "The audiences of tokens that the driver gets."),
      column("RequiresRepublish", "Whether volumes are published again and again.", flag),
      column("Modes", "The volume lifecycle modes that the driver supports."),
      ageColumn,
    ],
    ({ spec }: V1CSIDriver, age) => [
      spec?.attachRequired ?? true,
      spec?.podInfoOnMount ?? false,
      spec?.storageCapacity ?? false,
      (spec?.tokenRequests ?? []).map(({ audience }) => audience).join(",") || "<unset>",
      spec?.requiresRepublish ?? false,
      (spec?.volumeLifecycleModes ?? []).join(",") || "<none>",
      age,
    ],
  ),
});
