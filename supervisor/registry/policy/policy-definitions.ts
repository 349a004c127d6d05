import type { ResourceDefinition } from "../resource-definition.ts";
import { podDisruptionBudgetDefinition } from "./pod-disruption-budget/pod-disruption-budget-definition.ts";

export const policyDefinitions: readonly ResourceDefinition[] = [podDisruptionBudgetDefinition];
