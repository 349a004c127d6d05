/** Validation of what a Job does about failed Pods, with the texts of kubernetes `pkg/apis/batch/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import type {
  V1JobSpec,
  V1PodFailurePolicyOnExitCodesRequirement,
  V1PodFailurePolicyOnPodConditionsPattern,
  V1PodFailurePolicyRule,
} from "../../generated/types.ts";

const maxRules = 20;
const maxExitCodes = 255;
const maxPatterns = 20;
const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators = ["In", "NotIn"];
const statuses = ["False", "True", "Unknown"];

/** A list as Go's `%q` writes it. */
function goList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}

function validateChoice(
  value: string | undefined,
  choices: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  if (!value) errors.push(requiredField(path, `valid values: ${goList(choices)}`));
  else if (!choices.includes(value)) errors.push(notSupportedField(path, value, choices));
}

export function validatePodFailurePolicy(spec: V1JobSpec, path: string, errors: FieldError[]): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > maxRules) errors.push(tooManyField(`${path}.rules`, rules.length, maxRules));
  const { containers = [], initContainers = [] } = spec.template.spec ?? {};
  const names = new Set([...containers, ...initContainers].map(({ name }) => name));
  const hasIndexLimit = spec.backoffLimitPerIndex !== undefined;
  rules.forEach((rule, index) => {
    validateRule(rule, names, hasIndexLimit, `${path}.rules[${index}]`, errors);
  });
}

function validateRule(
  rule: V1PodFailurePolicyRule,
  names: ReadonlySet<string>,
  hasIndexLimit: boolean,
  path: string,
  errors: FieldError[],
): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  validateChoice(action, actions, `${path}.action`, errors);
  if (action === "FailIndex" && !hasIndexLimit) {
    errors.push(invalidField(`${path}.action`, action, "requires the backoffLimitPerIndex to be set"));
  }
  if (onExitCodes) validateExitCodes(onExitCodes, names, `${path}.onExitCodes`, errors);
  validatePatterns(onPodConditions, `${path}.onPodConditions`, errors);
  const refuse = (why: string) =>
    errors.push({ type: "FieldValueInvalid", field: path, body: `Invalid value: ${why}` });
  if (onExitCodes && onPodConditions.length > 0) {
    refuse("specifying both OnExitCodes and OnPodConditions is not supported");
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    refuse("specifying one of OnExitCodes and OnPodConditions is required");
  }
}

function validatePatterns(
  patterns: readonly V1PodFailurePolicyOnPodConditionsPattern[],
  path: string,
  errors: FieldError[],
): void {
  if (patterns.length > maxPatterns) errors.push(tooManyField(path, patterns.length, maxPatterns));
  patterns.forEach(({ type, status }, index) => {
    checkFormat(errors, `${path}[${index}].type`, type, checkQualifiedName);
    validateChoice(status, statuses, `${path}[${index}].status`, errors);
  });
}

function validateExitCodes(
  { operator, containerName, values = [] }: V1PodFailurePolicyOnExitCodesRequirement,
  names: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  validateChoice(operator, operators, `${path}.operator`, errors);
  if (containerName !== undefined && !names.has(containerName)) {
    const detail = "must be one of the container or initContainer names in the pod template";
    errors.push(invalidField(`${path}.containerName`, containerName, detail));
  }
  const field = `${path}.values`;
  if (values.length === 0) errors.push(invalidField(field, values, "at least one value is required"));
  else if (values.length > maxExitCodes) errors.push(tooManyField(field, values.length, maxExitCodes));
  const seen = new Set<number>();
  values.forEach((value, index) => {
    if (operator === "In" && value === 0) {
      errors.push(invalidField(`${field}[${index}]`, value, "must not be 0 for the In operator"));
    }
    if (seen.has(value)) errors.push(duplicateField(`${field}[${index}]`, value));
    seen.add(value);
  });
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
  if (!isOrdered) errors.push(invalidField(field, values, "must be ordered"));
}
