/** Validation of topology spread constraints, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/label-selector.ts";
import type { V1TopologySpreadConstraint } from "../../../generated/types.ts";
import { validateLabelKeys } from "./label-keys-validation.ts";

const actions = ["DoNotSchedule", "ScheduleAnyway"];
const nodePolicies = ["Honor", "Ignore"];
const notPositive = "must be greater than zero";

export function validateTopologySpread(
  constraints: readonly V1TopologySpreadConstraint[],
  path: string,
  errors: FieldError[],
): void {
  constraints.forEach((constraint, index) => {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    if (maxSkew <= 0) errors.push(invalidField(`${at}.maxSkew`, maxSkew, notPositive));
    if (!topologyKey) errors.push(requiredField(`${at}.topologyKey`, "can not be empty"));
    if (!actions.includes(whenUnsatisfiable)) {
      errors.push(notSupportedField(`${at}.whenUnsatisfiable`, whenUnsatisfiable, actions));
    }
    const repeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (repeated) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
      errors.push(duplicateField(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    }
    validateMinDomains(constraint, `${at}.minDomains`, errors);
    for (const field of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const) {
      const policy = constraint[field];
      if (policy !== undefined && !nodePolicies.includes(policy)) {
        errors.push(notSupportedField(`${at}.${field}`, policy, nodePolicies));
      }
    }
    validateLabelKeys(constraint, at, errors);
    validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`, errors);
  });
}

function validateMinDomains(
  { minDomains, whenUnsatisfiable }: V1TopologySpreadConstraint,
  path: string,
  errors: FieldError[],
): void {
  if (minDomains === undefined) return;
  if (minDomains <= 0) errors.push(invalidField(path, minDomains, notPositive));
  if (whenUnsatisfiable !== "DoNotSchedule") {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
    errors.push(invalidField(path, minDomains, detail));
  }
}
