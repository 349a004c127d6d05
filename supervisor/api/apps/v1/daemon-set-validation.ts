/** Validation of DaemonSets, with the texts of kubernetes `pkg/apis/apps/validation`. */
import {
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { validateImmutable, validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { validatePodTemplate } from "../../core/v1/pod/pod-validation.ts";
import type { V1DaemonSet, V1DaemonSetUpdateStrategy } from "../../generated/types.ts";
import { validateCollisionCount } from "./deployment-validation.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent } from "./int-or-percent.ts";
import { validateKeptRunning, validateSelector, validateSelectorMatches } from "./template-validation.ts";

type DaemonSet = Pick<V1DaemonSet, "spec" | "status">;

const strategies = ["RollingUpdate", "OnDelete"];

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.selector")];
  validateSelector(spec.selector, "daemonset", "spec", errors);
  validateSelectorMatches(spec.selector, spec.template, "spec", errors);
  validatePodTemplate(spec.template, "spec.template", errors);
  validateKeptRunning(spec.template, "DaemonSet", "spec", errors);
  validateNonNegative(spec, "spec", ["minReadySeconds"], errors);
  validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy", errors);
  validateNonNegative(spec, "spec", ["revisionHistoryLimit"], errors);
  return errors;
}

function validateStrategy(strategy: V1DaemonSetUpdateStrategy, path: string, errors: FieldError[]): void {
  const { type = "", rollingUpdate } = strategy;
  if (!strategies.includes(type)) {
    errors.push(notSupportedField(path, strategy, strategies));
    return;
  }
  if (type === "OnDelete") return;
  const at = `${path}.rollingUpdate`;
  if (rollingUpdate === undefined) {
    errors.push(requiredField(at));
    return;
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
  validateIntOrPercent(maxSurge, `${at}.maxSurge`, errors);
  validateAtMostAll(maxUnavailable, `${at}.maxUnavailable`, errors);
  validateAtMostAll(maxSurge, `${at}.maxSurge`, errors);
  const hasUnavailable = numberOf(maxUnavailable) !== 0;
  const hasSurge = numberOf(maxSurge) !== 0;
  if (hasUnavailable && hasSurge) {
    errors.push(invalidField(`${at}.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(requiredField(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  }
}

export function validateDaemonSetUpdate(daemonSet: DaemonSet, old: DaemonSet): FieldError[] {
  const errors = validateDaemonSet(daemonSet);
  if (daemonSet.spec && old.spec) validateImmutable(daemonSet.spec, old.spec, "spec", ["selector"], errors);
  return errors;
}

export function validateDaemonSetStatus({ status }: DaemonSet, old: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  const numbers = [
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "observedGeneration",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "collisionCount",
  ] as const;
  validateNonNegative(status, "status", numbers, errors);
  validateCollisionCount(status, old.status, errors);
  return errors;
}
