import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import { checkPercent, nonNegativeMessage } from "../../../apimachinery/validation/formats.ts";

type IntOrPercent = number | string;

/** A number of Pods, or a share of them such as `25%`. */
export function validateIntOrPercent(value: IntOrPercent, path: string, errors: FieldError[]): void {
  if (typeof value === "number") {
    if (value < 0) errors.push(invalidField(path, value, nonNegativeMessage));
    return;
  }
  for (const message of checkPercent(value)) errors.push(invalidField(path, value, message));
}

/** The number, also where it is a share; 0 for what is neither. */
export function numberOf(value: IntOrPercent | undefined): number {
  if (typeof value === "number") return value;
  return /^\d+%?$/.test(value ?? "") ? Number.parseInt(value ?? "", 10) : 0;
}

export function validateAtMostAll(value: IntOrPercent, path: string, errors: FieldError[]): void {
  if (typeof value === "string" && /^\d+%$/.test(value) && numberOf(value) > 100) {
    errors.push(invalidField(path, value, "must not be greater than 100%"));
  }
}
