import type { V1PodDisruptionBudget } from "../../../api/generated/types.ts";
import {
  validatePodDisruptionBudget,
  validatePodDisruptionBudgetStatus,
} from "../../../api/policy/v1/pod-disruption-budget-validation.ts";
import { defineResource } from "../../define-resource.ts";
import type { Typed } from "../../resource-definition.ts";
import { age, ageColumn, column, nameColumn, type TableDefinition } from "../../table.ts";
import { statusStrategy, workloadStrategy } from "../../workload-strategy.ts";

type Budget = Typed<V1PodDisruptionBudget>;

const table: TableDefinition = {
  columns: [
    nameColumn,
    column("Min Available", "The minimum number of pods that must be available."),
    column("Max Unavailable", "The maximum number of pods that may be unavailable."),
    column("Allowed Disruptions", "Calculated number of pods that may be disrupted at this time.", {
      type: "integer",
    }),
    ageColumn,
  ],
  cells(object, nowMs) {
    // Decoding made this a PodDisruptionBudget.
    const { metadata, spec, status } = object as unknown as Budget;
    return [
      metadata.name ?? "",
      String(spec?.minAvailable ?? "N/A"),
      String(spec?.maxUnavailable ?? "N/A"),
      status?.disruptionsAllowed ?? 0,
      age(metadata.creationTimestamp, nowMs),
    ];
  },
};

/** PodDisruptionBudgets (kubernetes `pkg/registry/policy/poddisruptionbudget/strategy.go`). */
export const podDisruptionBudgetDefinition = defineResource({
  group: "policy",
  resource: "poddisruptionbudgets",
  kind: "PodDisruptionBudget",
  namespaced: true,
  shortNames: ["pdb"],
  strategy: workloadStrategy({
    emptyStatus: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    allowUnconditionalUpdate: false,
    validate: (budget: Budget) => validatePodDisruptionBudget(budget),
    validateUpdate: (budget: Budget) => validatePodDisruptionBudget(budget),
  }),
  subresources: {
    status: {
      type: "part",
      strategy: statusStrategy({
        validateUpdate: (budget: Budget) => validatePodDisruptionBudgetStatus(budget),
      }),
    },
  },
  table,
});
