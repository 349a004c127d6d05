/** Validation of ReplicationControllers, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../../apimachinery/field-error.ts";
import { selectorMatches } from "../../../../apimachinery/label-selector.ts";
import { validateNonNegative } from "../../../../apimachinery/validation/numbers.ts";
import { validateKeptRunning } from "../../../apps/v1/template-validation.ts";
import type { V1ReplicationController } from "../../../generated/types.ts";
import { validatePodTemplate } from "../pod/pod-validation.ts";

export function validateReplicationController({
  spec = {},
}: Pick<V1ReplicationController, "spec">): FieldError[] {
  const errors: FieldError[] = [];
  const { selector = {}, template } = spec;
  validateNonNegative(spec, "spec", ["minReadySeconds"], errors);
  if (Object.keys(selector).length === 0) errors.push(requiredField("spec.selector"));
  validateNonNegative(spec, "spec", ["replicas"], errors);
  if (template === undefined) return [...errors, requiredField("spec.template")];
  const labels = template.metadata?.labels ?? {};
  if (!selectorMatches({ matchLabels: selector }, labels)) {
    const detail = "`selector` does not match template `labels`";
    errors.push(invalidField("spec.template.metadata.labels", labels, detail));
  }
  validatePodTemplate(template, "spec.template", errors);
  validateKeptRunning(template, "ReplicationController", "spec", errors);
  return errors;
}
