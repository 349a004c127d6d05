/** Validation of PriorityClasses, with the texts of kubernetes `pkg/apis/scheduling/validation`. */
import { type FieldError, forbiddenField, immutableField } from "../../../apimachinery/field-error.ts";
import { checkOneOf } from "../../../apimachinery/validation/field-checks.ts";
import type { V1PriorityClass } from "../../generated/types.ts";

type PriorityClass = Pick<V1PriorityClass, "value" | "globalDefault" | "preemptionPolicy"> & {
  readonly metadata: { readonly name?: string };
};

const systemPrefix = "system-";
const highestUserValue = 1_000_000_000;
const systemValues: ReadonlyMap<string, number> = new Map([
  ["system-node-critical", 2_000_001_000],
  ["system-cluster-critical", 2_000_000_000],
]);
const policies = ["Never", "PreemptLowerPriority"];

export function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata, value = 0, preemptionPolicy } = priorityClass;
  const { name = "" } = metadata;
  if (name.startsWith(systemPrefix)) {
    const why = systemComplaint(priorityClass, name);
    if (why !== undefined) {
      const detail = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${why}`;
      errors.push(forbiddenField("metadata.name", detail));
    }
  } else if (value > highestUserValue) {
    const detail = `maximum allowed value of a user defined priority is ${highestUserValue}`;
    errors.push(forbiddenField("value", detail));
  }
  if (preemptionPolicy !== undefined) checkOneOf(errors, "preemptionPolicy", preemptionPolicy, policies);
  return errors;
}

function systemComplaint({ value = 0, globalDefault }: PriorityClass, name: string): string | undefined {
  const expected = systemValues.get(name);
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

export function validatePriorityClassUpdate(priorityClass: PriorityClass, old: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const { value = 0, preemptionPolicy } = priorityClass;
  if (value !== (old.value ?? 0)) errors.push(forbiddenField("value", "may not be changed in an update."));
  if (preemptionPolicy !== old.preemptionPolicy) {
    errors.push(immutableField("preemptionPolicy", preemptionPolicy));
  }
  return errors;
}
