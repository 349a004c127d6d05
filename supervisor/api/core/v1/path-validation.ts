/** Validation of paths of files, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";

const fileModeMessage = "must be a number between 0 and 0777 (octal), both inclusive";

export function validateNoBacksteps(path: string, field: string, errors: FieldError[]): void {
  if (path.split("/").includes("..")) errors.push(invalidField(field, path, "must not contain '..'"));
}

/** A path below the place it is relative to. */
export function validateDescendingPath(path: string, field: string, errors: FieldError[]): void {
  if (path.startsWith("/")) errors.push(invalidField(field, path, "must be a relative path"));
  validateNoBacksteps(path, field, errors);
}

/** A descending path whose first name cannot be taken for one of the kubelet's own. */
export function validateLocalPath(path: string, field: string, errors: FieldError[]): void {
  validateDescendingPath(path, field, errors);
  if (path.startsWith("..") && !path.startsWith("../")) {
    errors.push(invalidField(field, path, "must not start with '..'"));
  }
}

export function validateFileMode(mode: number | undefined, field: string, errors: FieldError[]): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777))
    errors.push(invalidField(field, mode, fileModeMessage));
}
