import { type FieldError, immutableField, invalidField } from "../field-error.ts";
import { equalJson } from "../json/json-value.ts";
import { nonNegativeMessage } from "./formats.ts";

/** Complains of each of these fields that is less than nothing; absent ones are fine. */
export function validateNonNegative<T extends object>(
  object: T | undefined,
  path: string,
  fields: ReadonlyArray<keyof T & string>,
  errors: FieldError[],
): void {
  for (const field of fields) {
    const value = object?.[field];
    if (typeof value === "number" && value < 0) {
      errors.push(invalidField(`${path}.${field}`, value, nonNegativeMessage));
    }
  }
}

/** Complains of each of these fields that has changed. */
export function validateImmutable<T extends object>(
  object: T,
  old: T,
  path: string,
  fields: ReadonlyArray<keyof T & string>,
  errors: FieldError[],
): void {
  for (const field of fields) {
    if (!equalJson(object[field], old[field]))
      errors.push(immutableField(`${path}.${field}`, object[field] ?? null));
  }
}
