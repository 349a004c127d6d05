/** The options of writes, from the query (meta/v1 `CreateOptions` and its like). */
import { type FieldError, notSupportedField, tooLongField } from "../../apimachinery/field-error.ts";
import { newInvalid } from "../../apimachinery/status-errors.ts";
import type { FieldValidation } from "../negotiation/decode-object.ts";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

const maxFieldManagerBytes = 128;
const defaults: WriteOptions = { dryRun: false, fieldValidation: "Warn" };

function isFieldValidation(text: string): text is FieldValidation {
  return text === "Ignore" || text === "Warn" || text === "Strict";
}

/** Throws Invalid; `kind` is the options' own, `CreateOptions`. */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  if (query.size === 0) return defaults;
  const errors: FieldError[] = [];
  const manager = query.get("fieldManager") ?? "";
  if (Buffer.byteLength(manager) > maxFieldManagerBytes) {
    errors.push(tooLongField("fieldManager", maxFieldManagerBytes));
  }
  const dryRun = query.getAll("dryRun");
  if (dryRun.some((value) => value !== "All")) errors.push(notSupportedField("dryRun", dryRun, ["All"]));
  const validation = query.get("fieldValidation") || "Warn";
  if (!isFieldValidation(validation)) {
    errors.push(notSupportedField("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  }
  if (errors.length > 0 || !isFieldValidation(validation)) {
    throw newInvalid({ group: "meta.k8s.io", kind }, "", errors);
  }
  return { dryRun: dryRun.length > 0, fieldValidation: validation };
}
