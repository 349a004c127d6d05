import { nodeLabelWarning } from "../../../api/core/v1/node/node-label-warnings.ts";
import type { V1RuntimeClass } from "../../../api/generated/types.ts";
import {
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from "../../../api/node/v1/runtime-class-validation.ts";
import { defineResource } from "../../define-resource.ts";
import type { ResourceDefinition, Typed } from "../../resource-definition.ts";
import { ageColumn, column, tableOf } from "../../table.ts";

type RuntimeClass = Typed<V1RuntimeClass>;

/** RuntimeClasses (kubernetes `pkg/registry/node/runtimeclass`). */
export const runtimeClassDefinition: ResourceDefinition = defineResource({
  group: "node.k8s.io",
  resource: "runtimeclasses",
  kind: "RuntimeClass",
  namespaced: false,
  strategy: {
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: true,
    validate: (runtimeClass: RuntimeClass) => validateRuntimeClass(runtimeClass),
    validateUpdate: (runtimeClass: RuntimeClass, old: RuntimeClass) =>
      validateRuntimeClassUpdate(runtimeClass, old),
    warnings: ({ scheduling }: RuntimeClass) =>
      Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
        const warning = nodeLabelWarning(key);
        return warning === undefined ? [] : [`scheduling.nodeSelector: ${warning}`];
      }),
  },
  table: tableOf(
    [column("Handler", "The runtime that runs pods of this class."), ageColumn],
    ({ handler }: V1RuntimeClass, age) => [handler, age],
  ),
});
