/** Validation of Jobs whose Pods are numbered, with the texts of kubernetes `pkg/apis/batch/validation`. */
import {
  type FieldError,
  invalidField,
  requiredField,
  tooLongField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import type { V1JobSpec, V1SuccessPolicyRule } from "../../generated/types.ts";
import { IndexesError, parseIndexes } from "./job-indexes.ts";

const maxParallelism = 100_000;
const maxFailedIndexes = 100_000;
const manyCompletions = 100_000;
const parallelismOfMany = 10_000;
const failedIndexesOfMany = 10_000;
const maxSuccessRules = 20;
const maxIndexesBytes = 64 * 1024;
const needsIndexes = "requires indexed completion mode";

export function validateIndexedJob(spec: V1JobSpec, path: string, errors: FieldError[]): void {
  const { backoffLimitPerIndex, maxFailedIndexes: failed, successPolicy } = spec;
  if (spec.completionMode === "Indexed") {
    validateLimits(spec, path, errors);
    if (successPolicy) validateSuccessPolicy(spec, `${path}.successPolicy`, errors);
    return;
  }
  if (backoffLimitPerIndex !== undefined) {
    errors.push(invalidField(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, needsIndexes));
  }
  if (failed !== undefined) errors.push(invalidField(`${path}.maxFailedIndexes`, failed, needsIndexes));
  if (successPolicy) errors.push(invalidField(`${path}.successPolicy`, successPolicy, needsIndexes));
}

function validateLimits(spec: V1JobSpec, path: string, errors: FieldError[]): void {
  const { completions, parallelism = 0, maxFailedIndexes: failed, backoffLimitPerIndex } = spec;
  if (completions === undefined) {
    errors.push(requiredField(`${path}.completions`, "when completion mode is Indexed"));
  }
  if (parallelism > maxParallelism) {
    const detail = `must be less than or equal to ${maxParallelism} when completion mode is Indexed`;
    errors.push(invalidField(`${path}.parallelism`, parallelism, detail));
  }
  const field = `${path}.maxFailedIndexes`;
  if (completions !== undefined && failed !== undefined && failed > completions) {
    errors.push(invalidField(field, failed, "must be less than or equal to completions"));
  }
  if (failed !== undefined && failed > maxFailedIndexes) {
    errors.push(invalidField(field, failed, `must be less than or equal to ${maxFailedIndexes}`));
  }
  if (completions === undefined || completions <= manyCompletions || backoffLimitPerIndex === undefined)
    return;
  const why = `when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (failed === undefined) {
    errors.push(requiredField(field, `must be specified when completions is above ${manyCompletions}`));
  } else if (failed > failedIndexesOfMany) {
    errors.push(invalidField(field, failed, `must be less than or equal to ${failedIndexesOfMany} ${why}`));
  }
  if (parallelism > parallelismOfMany) {
    const detail = `must be less than or equal to ${parallelismOfMany} ${why}`;
    errors.push(invalidField(`${path}.parallelism`, parallelism, detail));
  }
}

function validateSuccessPolicy(spec: V1JobSpec, path: string, errors: FieldError[]): void {
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0) {
    const detail = "at least one rules must be specified when the successPolicy is specified";
    errors.push(requiredField(`${path}.rules`, detail));
  }
  if (rules.length > maxSuccessRules)
    errors.push(tooManyField(`${path}.rules`, rules.length, maxSuccessRules));
  rules.forEach((rule, index) => {
    validateSuccessRule(rule, spec.completions ?? 0, `${path}.rules[${index}]`, errors);
  });
}

function validateSuccessRule(
  { succeededCount: count, succeededIndexes: indexes }: V1SuccessPolicyRule,
  completions: number,
  path: string,
  errors: FieldError[],
): void {
  if (count === undefined && indexes === undefined) {
    const detail = "at least one of succeededCount or succeededIndexes must be specified";
    errors.push(requiredField(path, detail));
  }
  const total = indexes === undefined ? undefined : countIndexes(indexes, completions, path, errors);
  if (count === undefined) return;
  const field = `${path}.succeededCount`;
  validateNonNegative({ succeededCount: count }, path, ["succeededCount"], errors);
  if (count > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(invalidField(field, count, detail));
  }
  if (total !== undefined && count > total) {
    const detail = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    errors.push(invalidField(field, count, detail));
  }
}

function countIndexes(indexes: string, completions: number, path: string, errors: FieldError[]): number {
  const field = `${path}.succeededIndexes`;
  if (Buffer.byteLength(indexes) > maxIndexesBytes) errors.push(tooLongField(field, maxIndexesBytes));
  try {
    return parseIndexes(indexes, completions).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    errors.push(invalidField(field, indexes, `error parsing succeededIndexes: ${error.message}`));
    return 0;
  }
}
