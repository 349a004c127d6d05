import { type FieldError, invalidField, requiredField } from "../../../../apimachinery/field-error.ts";
import type { V1DownwardAPIVolumeFile } from "../../../generated/types.ts";
import { validateFileMode, validateLocalPath } from "../path-validation.ts";
import { fileFields, validateFieldRef, validateResourceFieldRef } from "../pod/downward-validation.ts";

/** A file that shows a field of the Pod; `path` is the volume's, as upstream names it. */
export function validateDownwardFile(
  file: V1DownwardAPIVolumeFile,
  path: string,
  errors: FieldError[],
): void {
  const { fieldRef, resourceFieldRef } = file;
  if (!file.path) errors.push(requiredField(`${path}.path`));
  validateLocalPath(file.path, `${path}.path`, errors);
  if (fieldRef) {
    validateFieldRef(fieldRef, `${path}.fieldRef`, fileFields, errors);
    if (resourceFieldRef) {
      const detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
      errors.push(invalidField(path, "resource", detail));
    }
  } else if (resourceFieldRef) {
    validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, true, errors);
  } else errors.push(requiredField(path, "one of fieldRef and resourceFieldRef is required"));
  validateFileMode(file.mode, `${path}.mode`, errors);
}
