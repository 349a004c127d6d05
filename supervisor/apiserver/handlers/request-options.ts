/** The options of writes, from the query (meta/v1 `CreateOptions` and its like). */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
} from "../../apimachinery/field-error.ts";
import { newInvalid } from "../../apimachinery/status-errors.ts";
import type { FieldValidation } from "../negotiation/decode-object.ts";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Empty where the client gives none. */
  readonly fieldManager: string;
  /** Of server-side apply: whether fields are taken from their owners. */
  readonly force: boolean;
}

/** What is asked for: server-side apply has rules of its own. */
type OptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions";

export const maxFieldManagerBytes = 128;
const defaults: WriteOptions = { dryRun: false, fieldValidation: "Warn", fieldManager: "", force: false };
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

function isFieldValidation(text: string): text is FieldValidation {
  return text === "Ignore" || text === "Warn" || text === "Strict";
}

/** `U+0009`, with the character where it can be shown. */
function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function fieldManagerErrors(manager: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > maxFieldManagerBytes) {
    errors.push(tooLongField("fieldManager", maxFieldManagerBytes));
  }
  let position = 0;
  for (const character of manager) {
    if (unprintable.test(character)) {
      const why = `invalid character ${codePoint(character)} (at position ${position})`;
      errors.push(invalidField("fieldManager", manager, why));
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}

function patchErrors(query: URLSearchParams, isApply: boolean): readonly FieldError[] {
  if (!isApply) {
    if (!query.has("force")) return [];
    return [forbiddenField("force", "may not be specified for non-apply patch")];
  }
  return query.get("fieldManager") ? [] : [requiredField("fieldManager", "is required for apply patch")];
}

/** Throws Invalid; `kind` is the options' own. */
export function writeOptions(query: URLSearchParams, kind: OptionsKind, isApply = false): WriteOptions {
  if (query.size === 0 && !isApply) return defaults;
  const errors: FieldError[] = kind === "PatchOptions" ? [...patchErrors(query, isApply)] : [];
  const fieldManager = query.get("fieldManager") ?? "";
  errors.push(...fieldManagerErrors(fieldManager));
  const dryRun = query.getAll("dryRun");
  if (dryRun.some((value) => value !== "All")) errors.push(notSupportedField("dryRun", dryRun, ["All"]));
  const validation = query.get("fieldValidation") || "Warn";
  if (!isFieldValidation(validation)) {
    errors.push(notSupportedField("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]));
  }
  if (errors.length > 0 || !isFieldValidation(validation)) {
    throw newInvalid({ group: "meta.k8s.io", kind }, "", errors);
  }
  const force = query.get("force");
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: validation,
    fieldManager,
    force: force !== null && force !== "false" && force !== "0",
  };
}
