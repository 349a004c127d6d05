import type { V1CSINode } from "../../api/generated/types.ts";
import { validateCsiNode, validateCsiNodeUpdate } from "../../api/storage/v1/csi-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type CsiNode = Typed<V1CSINode>;

/** CSINodes (kubernetes `pkg/registry/storage/csinode`). */
export const csiNodeDefinition: ResourceDefinition = defineResource({
  group: "storage.k8s.io",
  resource: "csinodes",
  kind: "CSINode",
  namespaced: false,
  strategy: {
    allowUnconditionalUpdate: false,
    returnsDeletedObject: true,
    validate: (node: CsiNode) => validateCsiNode(node),
    validateUpdate: (node: CsiNode, old: CsiNode) => validateCsiNodeUpdate(node, old),
  },
  table: tableOf(
    [
      column("Drivers", "Drivers indicates the number of CSI drivers registered on the node", {
        type: "integer",
      }),
      ageColumn,
    ],
    ({ spec }: V1CSINode, age) => [spec?.drivers?.length ?? 0, age],
  ),
});
