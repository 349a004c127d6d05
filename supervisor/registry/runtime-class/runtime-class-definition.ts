import type { V1RuntimeClass } from "../../api/generated/types.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import { ageColumn, column, tableOf } from "../table.ts";

/** RuntimeClasses (kubernetes `pkg/registry/node/runtimeclass`). */
export const runtimeClassDefinition: ResourceDefinition = defineResource({
  group: "node.k8s.io",
  resource: "runtimeclasses",
  kind: "RuntimeClass",
  namespaced: false,
  strategy: { allowUnconditionalUpdate: false, allowCreateOnUpdate: true },
  table: tableOf(
    [column("Handler", "The runtime that runs pods of this class."), ageColumn],
    ({ handler }: V1RuntimeClass, age) => [handler, age],
  ),
});
