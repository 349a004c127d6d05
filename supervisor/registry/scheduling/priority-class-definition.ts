import type { V1PriorityClass } from "../../api/generated/types.ts";
import {
  validatePriorityClass,
  validatePriorityClassUpdate,
} from "../../api/scheduling/v1/priority-class-validation.ts";
import { defineResource } from "../define-resource.ts";
import type { ResourceDefinition, Typed } from "../resource-definition.ts";
import { ageColumn, column, tableOf } from "../table.ts";

type PriorityClass = Typed<V1PriorityClass>;

/** PriorityClasses (kubernetes `pkg/registry/scheduling/priorityclass`). */
export const priorityClassDefinition: ResourceDefinition = defineResource({
  group: "scheduling.k8s.io",
  resource: "priorityclasses",
  kind: "PriorityClass",
  namespaced: false,
  shortNames: ["pc"],
  strategy: {
    setDefaults(priorityClass: PriorityClass) {
      priorityClass.preemptionPolicy ??= "PreemptLowerPriority";
    },
    validate: (priorityClass: PriorityClass) => validatePriorityClass(priorityClass),
    validateUpdate: (priorityClass: PriorityClass, old: PriorityClass) =>
      validatePriorityClassUpdate(priorityClass, old),
    prepareForCreate({ metadata }) {
      metadata.generation = 1;
    },
  },
  table: tableOf(
    [
      column("Value", "The priority that pods of this class get.", { type: "integer" }),
      column("Global-Default", "Whether it is the class of pods that name none.", { type: "boolean" }),
      ageColumn,
      column("PreemptionPolicy", "Whether pods of this class preempt others."),
    ],
    ({ value = 0, globalDefault = false, preemptionPolicy = "<unset>" }: V1PriorityClass, age) => [
      value,
      globalDefault,
      age,
      preemptionPolicy,
    ],
  ),
});
