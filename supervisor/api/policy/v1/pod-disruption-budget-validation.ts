/** Validation of PodDisruptionBudgets, with the texts of kubernetes `pkg/apis/policy/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import { validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { validateAtMostAll, validateIntOrPercent } from "../../apps/v1/int-or-percent.ts";
import type { V1PodDisruptionBudget } from "../../generated/types.ts";

type Budget = Pick<V1PodDisruptionBudget, "spec" | "status">;

const policies = ["AlwaysAllow", "IfHealthyBudget"];
const conditionStatuses = ["False", "True", "Unknown"];

export function validatePodDisruptionBudget({ spec = {} }: Budget): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(invalidField("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  }
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    const value = spec[field];
    if (value === undefined) continue;
    validateIntOrPercent(value, `spec.${field}`, errors);
    validateAtMostAll(value, `spec.${field}`, errors);
  }
  validateLabelSelector(spec.selector, "spec.selector", errors);
  const { unhealthyPodEvictionPolicy: policy } = spec;
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupportedField("spec.unhealthyPodEvictionPolicy", policy, policies));
  }
  return errors;
}

export function validatePodDisruptionBudgetStatus({ status = {} }: Budget): FieldError[] {
  const errors: FieldError[] = [];
  const numbers = ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const;
  status.conditions?.forEach((condition, index) => {
    const at = `status.conditions[${index}]`;
    if (!condition.type) errors.push(requiredField(`${at}.type`, "must be set"));
    else checkFormat(errors, `${at}.type`, condition.type, checkQualifiedName);
    if (!conditionStatuses.includes(condition.status)) {
      errors.push(notSupportedField(`${at}.status`, condition.status, conditionStatuses));
    }
    if (!condition.reason) errors.push(requiredField(`${at}.reason`, "must be set"));
  });
  validateNonNegative(status, "status", numbers, errors);
  return errors;
}
