/** What workloads ask of their Pods' template, with the texts of kubernetes `pkg/apis/apps/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { type LabelSelector, selectorMatches } from "../../../apimachinery/label-selector.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/label-selector.ts";
import type { V1PodTemplateSpec } from "../../generated/types.ts";

const mismatch = "`selector` does not match template `labels`";

/** `kind` is the kind's name as upstream's message has it. */
export function validateSelector(
  selector: LabelSelector | undefined,
  kind: string,
  path: string,
  errors: FieldError[],
): void {
  if (selector === undefined) {
    // Of DaemonSets upstream says only that the labels do not match.
    if (kind !== "daemonset") errors.push(requiredField(`${path}.selector`));
    return;
  }
  validateLabelSelector(selector, `${path}.selector`, errors);
  const count = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  if (count === 0) {
    errors.push(invalidField(`${path}.selector`, selector, `empty selector is invalid for ${kind}`));
  }
}

/** The template's Pods are those that the selector selects; none is selected where there is no selector. */
export function validateSelectorMatches(
  selector: LabelSelector | undefined,
  template: V1PodTemplateSpec | undefined,
  path: string,
  errors: FieldError[],
): void {
  const labels = template?.metadata?.labels;
  if (selector === undefined || selectorMatches(selector, labels ?? {}) === false) {
    errors.push(invalidField(`${path}.template.metadata.labels`, labels, mismatch));
  }
}

/** Pods that are kept running: started again whenever they end, and never ended by a deadline. */
export function validateKeptRunning(
  template: V1PodTemplateSpec | undefined,
  kind: string,
  path: string,
  errors: FieldError[],
): void {
  const { restartPolicy = "", activeDeadlineSeconds } = template?.spec ?? {};
  const at = `${path}.template.spec`;
  if (restartPolicy !== "Always") {
    errors.push(notSupportedField(`${at}.restartPolicy`, restartPolicy, ["Always"]));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbiddenField(`${at}.activeDeadlineSeconds`, detail));
  }
}
