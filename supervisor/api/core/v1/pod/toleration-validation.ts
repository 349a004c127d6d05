import { type FieldError, invalidField, notSupportedField } from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkLabelValue, checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import type { V1Toleration } from "../../../generated/types.ts";

const operators = ["Equal", "Exists"];
/** Comparisons of numbers are an alpha feature of 1.36, which is off. */
const comparisons = ["Lt", "Gt"];
const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Validation of tolerations, with the texts of kubernetes `ValidateTolerations`. */
export function validateTolerations(
  tolerations: readonly V1Toleration[],
  path: string,
  errors: FieldError[],
): void {
  tolerations.forEach((toleration, index) => {
    validateToleration(toleration, `${path}[${index}]`, errors);
  });
}

function validateToleration(toleration: V1Toleration, path: string, errors: FieldError[]): void {
  const { key = "", operator = "", value = "", effect = "", tolerationSeconds } = toleration;
  if (key !== "") checkFormat(errors, `${path}.key`, key, checkQualifiedName);
  else if (operator !== "Exists") {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidField(`${path}.operator`, operator, detail));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalidField(`${path}.effect`, effect, detail));
  }
  if (operator === "Exists") {
    if (value !== "") {
      const detail = "value must be empty when `operator` is 'Exists'";
      errors.push(invalidField(`${path}.operator`, value, detail));
    }
  } else if (operator === "Equal" || operator === "") {
    const complaints = checkLabelValue(value);
    if (complaints.length > 0) errors.push(invalidField(`${path}.operator`, value, complaints.join(";")));
  } else {
    const known = comparisons.includes(operator) ? [...operators, ...comparisons] : operators;
    errors.push(notSupportedField(`${path}.operator`, operator, known));
  }
  if (effect !== "" && !effects.includes(effect)) {
    errors.push(notSupportedField(`${path}.effect`, effect, effects));
  }
}
