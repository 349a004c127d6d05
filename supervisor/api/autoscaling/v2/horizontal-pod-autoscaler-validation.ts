/** Validation of HorizontalPodAutoscalers, with the texts of kubernetes `pkg/apis/autoscaling/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { checkRequiredFormat } from "../../../apimachinery/validation/field-checks.ts";
import { nonNegativeMessage } from "../../../apimachinery/validation/formats.ts";
import { validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type {
  V2CrossVersionObjectReference,
  V2HorizontalPodAutoscaler,
  V2HPAScalingRules,
} from "../../generated/types.ts";
import { validateMetrics } from "./metric-validation.ts";

type Autoscaler = Pick<V2HorizontalPodAutoscaler, "spec" | "status">;

const maxStabilizationSeconds = 3600;
const maxPeriodSeconds = 1800;
const selectPolicies = ["Disabled", "Max", "Min"];
const policyTypes = ["Percent", "Pods"];
const notPositive = "must be greater than 0";

export function validateHorizontalPodAutoscaler({ spec }: Autoscaler): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.scaleTargetRef")];
  const { minReplicas, maxReplicas } = spec;
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalidField("spec.minReplicas", minReplicas, "must be greater than or equal to 1"));
  }
  if (maxReplicas < 1) errors.push(invalidField("spec.maxReplicas", maxReplicas, notPositive));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const detail = "must be greater than or equal to `minReplicas`";
    errors.push(invalidField("spec.maxReplicas", maxReplicas, detail));
  }
  validateReference(spec.scaleTargetRef, "spec.scaleTargetRef", errors);
  validateMetrics(spec.metrics ?? [], "spec.metrics", errors);
  for (const field of ["scaleUp", "scaleDown"] as const) {
    const rules = spec.behavior?.[field];
    if (rules) validateRules(rules, `spec.behavior.${field}`, errors);
  }
  return errors;
}

function validateReference(
  { kind, name }: V2CrossVersionObjectReference,
  path: string,
  errors: FieldError[],
): void {
  checkRequiredFormat(errors, `${path}.kind`, kind, checkPathSegment);
  checkRequiredFormat(errors, `${path}.name`, name, checkPathSegment);
}

function validateRules(rules: V2HPAScalingRules, path: string, errors: FieldError[]): void {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const field = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) {
    errors.push(invalidField(field, window, "must be greater than or equal to zero"));
  }
  if (window !== undefined && window > maxStabilizationSeconds) {
    errors.push(invalidField(field, window, `must be less than or equal to ${maxStabilizationSeconds}`));
  }
  if (selectPolicy !== undefined && !selectPolicies.includes(selectPolicy)) {
    errors.push(notSupportedField(`${path}.selectPolicy`, selectPolicy, selectPolicies));
  }
  if (policies.length === 0)
    errors.push(requiredField(`${path}.policies`, "must specify at least one Policy"));
  policies.forEach(({ type, value, periodSeconds }, index) => {
    const at = `${path}.policies[${index}]`;
    if (!policyTypes.includes(type)) errors.push(notSupportedField(`${at}.type`, type, policyTypes));
    if (value <= 0) errors.push(invalidField(`${at}.value`, value, "must be greater than zero"));
    if (periodSeconds <= 0) {
      errors.push(invalidField(`${at}.periodSeconds`, periodSeconds, "must be greater than zero"));
    }
    if (periodSeconds > maxPeriodSeconds) {
      const detail = `must be less than or equal to ${maxPeriodSeconds}`;
      errors.push(invalidField(`${at}.periodSeconds`, periodSeconds, detail));
    }
  });
  if (tolerance !== undefined && parseQuantity(tolerance) < 0n) {
    errors.push(invalidField(`${path}.tolerance`, tolerance, nonNegativeMessage));
  }
}

export function validateHorizontalPodAutoscalerStatus({ status }: Autoscaler): FieldError[] {
  const errors: FieldError[] = [];
  validateNonNegative(status, "status", ["currentReplicas", "desiredReplicas"], errors);
  return errors;
}
