/** Small checks of one field that many kinds share; each adds its complaints to `errors`. */
import { type FieldError, invalidField, notSupportedField, requiredField } from "../field-error.ts";
import type { FormatCheck } from "./formats.ts";

/** Every complaint of a format check. */
export function checkFormat(
  errors: FieldError[],
  field: string,
  value: string,
  check: FormatCheck,
): readonly string[] {
  const complaints = check(value);
  for (const complaint of complaints) errors.push(invalidField(field, value, complaint));
  return complaints;
}

/** A text that must be there and of a form. */
export function checkRequiredFormat(
  errors: FieldError[],
  field: string,
  value: string | undefined,
  check: FormatCheck,
  detail = "",
): void {
  if (!value) errors.push(requiredField(field, detail));
  else checkFormat(errors, field, value, check);
}

/** One of a few values; `supported` in the order in which upstream names them. */
export function checkOneOf(
  errors: FieldError[],
  field: string,
  value: string,
  supported: readonly string[],
): void {
  if (!supported.includes(value)) errors.push(notSupportedField(field, value, supported));
}

/** One of a few values, which must be there. */
export function checkRequiredOneOf(
  errors: FieldError[],
  field: string,
  value: string | undefined,
  supported: readonly string[],
): void {
  if (!value) errors.push(requiredField(field));
  else checkOneOf(errors, field, value, supported);
}
