import { type FieldError, requiredField } from "../../../../apimachinery/field-error.ts";
import type { V1KeyToPath } from "../../../generated/types.ts";
import { validateFileMode, validateLocalPath } from "../path-validation.ts";

/** Which keys of a ConfigMap or Secret become files, and where. */
export function validateItems(items: readonly V1KeyToPath[], path: string, errors: FieldError[]): void {
  items.forEach((item, index) => {
    const at = `${path}[${index}]`;
    if (!item.key) errors.push(requiredField(`${at}.key`));
    if (!item.path) errors.push(requiredField(`${at}.path`));
    validateLocalPath(item.path, `${at}.path`, errors);
    validateFileMode(item.mode, `${at}.mode`, errors);
  });
}
