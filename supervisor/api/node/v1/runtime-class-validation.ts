/** Validation of RuntimeClasses, with the texts of kubernetes `pkg/apis/node/validation`. */
import { type FieldError, immutableField } from "../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel } from "../../../apimachinery/validation/formats.ts";
import { validateLabels } from "../../../apimachinery/validation/object-meta.ts";
import { validateContainerResources } from "../../core/v1/pod/resources-validation.ts";
import { validateTolerations } from "../../core/v1/pod/toleration-validation.ts";
import type { V1RuntimeClass } from "../../generated/types.ts";

type RuntimeClass = Pick<V1RuntimeClass, "handler" | "overhead" | "scheduling">;

export function validateRuntimeClass({ handler, overhead, scheduling = {} }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  checkFormat(errors, "handler", handler, checkDnsLabel);
  const limits = overhead?.podFixed;
  if (limits !== undefined) validateContainerResources({ limits }, new Set(), "overhead", errors);
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  validateLabels(nodeSelector, "scheduling.nodeSelector", errors);
  validateTolerations(tolerations, "scheduling.tolerations", errors);
  return errors;
}

export function validateRuntimeClassUpdate({ handler }: RuntimeClass, old: RuntimeClass): FieldError[] {
  return handler === old.handler ? [] : [immutableField("handler", handler)];
}
