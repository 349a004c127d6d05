/** Validation of RuntimeClasses, with the texts of kubernetes `pkg/apis/node/validation`. */
import { type FieldError, immutableField, invalidField } from "../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel } from "../../../apimachinery/validation/formats.ts";
import { validateLabels } from "../../../apimachinery/validation/object-meta.ts";
import { validateTolerations } from "../../core/v1/pod/toleration-validation.ts";
import type { V1RuntimeClass } from "../../generated/types.ts";

type RuntimeClass = Pick<V1RuntimeClass, "handler" | "overhead" | "scheduling">;

export function validateRuntimeClass({ handler, overhead, scheduling = {} }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  checkFormat(errors, "handler", handler, checkDnsLabel);
  for (const [name, amount] of Object.entries(overhead?.podFixed ?? {})) {
    if (parseQuantity(amount) >= 0n) continue;
    errors.push(invalidField(`overhead.podFixed.${name}`, amount, "must be greater than or equal to 0"));
  }
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  validateLabels(nodeSelector, "scheduling.nodeSelector", errors);
  validateTolerations(tolerations, "scheduling.tolerations", errors);
  return errors;
}

export function validateRuntimeClassUpdate(runtimeClass: RuntimeClass, old: RuntimeClass): FieldError[] {
  const errors = validateRuntimeClass(runtimeClass);
  if (runtimeClass.handler !== old.handler) errors.push(immutableField("handler", runtimeClass.handler));
  return errors;
}
