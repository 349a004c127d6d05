/** Validation of structured label selectors (apimachinery `pkg/apis/meta/v1/validation`). */
import { type FieldError, forbiddenField, invalidField, requiredField } from "../field-error.ts";
import type { LabelSelector } from "../label-selector.ts";
import { checkFormat } from "./field-checks.ts";
import { checkLabelValue, checkQualifiedName } from "./formats.ts";
import { validateLabels } from "./object-meta.ts";

export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (selector === undefined) return;
  validateLabels(selector.matchLabels, `${path}.matchLabels`, errors);
  (selector.matchExpressions ?? []).forEach(({ key, operator, values = [] }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    if (operator === "In" || operator === "NotIn") {
      if (values.length === 0) {
        errors.push(requiredField(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (values.length > 0) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbiddenField(`${at}.values`, detail));
      }
    } else errors.push(invalidField(`${at}.operator`, operator, "not a valid selector operator"));
    checkFormat(errors, `${at}.key`, key, checkQualifiedName);
    values.forEach((value, position) => {
      checkFormat(errors, `${at}.values[${position}]`, value, checkLabelValue);
    });
  });
}
