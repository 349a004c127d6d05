/** Validation of node selectors, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from "../../../apimachinery/validation/formats.ts";
import type { V1NodeSelector, V1NodeSelectorRequirement, V1NodeSelectorTerm } from "../../generated/types.ts";

const notAnOperator = "not a valid selector operator";

export function validateNodeSelector(selector: V1NodeSelector, path: string, errors: FieldError[]): void {
  const { nodeSelectorTerms: terms = [] } = selector;
  const at = `${path}.nodeSelectorTerms`;
  if (terms.length === 0) errors.push(requiredField(at, "must have at least one node selector term"));
  terms.forEach((term, index) => {
    validateNodeSelectorTerm(term, `${at}[${index}]`, true, errors);
  });
}

export function validateNodeSelectorTerm(
  term: V1NodeSelectorTerm,
  path: string,
  checksValues: boolean,
  errors: FieldError[],
): void {
  (term.matchExpressions ?? []).forEach((requirement, index) => {
    validateRequirement(requirement, `${path}.matchExpressions[${index}]`, checksValues, errors);
  });
  (term.matchFields ?? []).forEach((requirement, index) => {
    validateFieldRequirement(requirement, `${path}.matchFields[${index}]`, errors);
  });
}

function validateRequirement(
  { key, operator, values = [] }: V1NodeSelectorRequirement,
  path: string,
  checksValues: boolean,
  errors: FieldError[],
): void {
  const field = `${path}.values`;
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0) {
      errors.push(requiredField(field, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (values.length > 0) {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      errors.push(forbiddenField(field, detail));
    }
  } else if (operator === "Gt" || operator === "Lt") {
    if (values.length !== 1) {
      errors.push(requiredField(field, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else errors.push(invalidField(`${path}.operator`, operator, notAnOperator));
  checkFormat(errors, `${path}.key`, key, checkQualifiedName);
  if (!checksValues) return;
  values.forEach((value, index) => {
    checkFormat(errors, `${field}[${index}]`, value, checkLabelValue);
  });
}

function validateFieldRequirement(
  { key, operator, values = [] }: V1NodeSelectorRequirement,
  path: string,
  errors: FieldError[],
): void {
  if (operator !== "In" && operator !== "NotIn") {
    errors.push(invalidField(`${path}.operator`, operator, notAnOperator));
  } else if (values.length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(requiredField(`${path}.values`, detail));
  }
  if (key !== "metadata.name") {
    errors.push(invalidField(`${path}.key`, key, "not a valid field selector key"));
    return;
  }
  values.forEach((value, index) => {
    checkFormat(errors, `${path}.values[${index}]`, value, checkDnsSubdomain);
  });
}
