/**
 * What validation says about one field, with the types and texts of apimachinery `pkg/util/validation/field`.
 * A path is a text such as `spec.containers[0].name`.
 */
export interface FieldError {
  readonly type:
    | "FieldValueNotFound"
    | "FieldValueRequired"
    | "FieldValueDuplicate"
    | "FieldValueInvalid"
    | "FieldValueNotSupported"
    | "FieldValueForbidden"
    | "FieldValueTooLong"
    | "FieldValueTooMany"
    | "FieldValueTypeInvalid";
  readonly field: string;
  /** The message without the path: `Invalid value: "x": must be …`. */
  readonly body: string;
}

/** A value as Go prints it in these messages: texts quoted, numbers and booleans plain, the rest as JSON. */
function render(value: unknown): string {
  if (value === undefined || value === null) return "null";
  return typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
}

export function requiredField(field: string, detail = ""): FieldError {
  return {
    type: "FieldValueRequired",
    field,
    body: detail === "" ? "Required value" : `Required value: ${detail}`,
  };
}

export function invalidField(field: string, value: unknown, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, body: `Invalid value: ${render(value)}: ${detail}` };
}

export function duplicateField(field: string, value: unknown): FieldError {
  return { type: "FieldValueDuplicate", field, body: `Duplicate value: ${render(value)}` };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", field, body: `Forbidden: ${detail}` };
}

export function notSupportedField(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map((entry) => JSON.stringify(entry)).join(", ");
  return {
    type: "FieldValueNotSupported",
    field,
    body: `Unsupported value: ${render(value)}: supported values: ${list}`,
  };
}

export function notFoundField(field: string, value: unknown): FieldError {
  return { type: "FieldValueNotFound", field, body: `Not found: ${render(value)}` };
}

export function tooLongField(field: string, maxBytes: number): FieldError {
  return { type: "FieldValueTooLong", field, body: `Too long: may not be more than ${maxBytes} bytes` };
}

export function tooManyField(field: string, actual: number, max: number): FieldError {
  const items = max === 1 ? "item" : "items";
  return {
    type: "FieldValueTooMany",
    field,
    body: `Too many: ${actual}: must have at most ${max} ${items}`,
  };
}

/** A field that may not change after creation. */
export function immutableField(field: string, value: unknown): FieldError {
  return invalidField(field, value, "field is immutable");
}
