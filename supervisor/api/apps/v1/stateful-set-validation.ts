/** Validation of StatefulSets, with the texts of kubernetes `pkg/apis/apps/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { validateAnnotations, validateLabels } from "../../../apimachinery/validation/object-meta.ts";
import { validatePodAnnotations } from "../../core/v1/pod/pod-annotations-validation.ts";
import type { V1StatefulSet, V1StatefulSetSpec, V1StatefulSetUpdateStrategy } from "../../generated/types.ts";
import { validateCollisionCount } from "./deployment-validation.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent } from "./int-or-percent.ts";
import { validateKeptRunning, validateSelector, validateSelectorMatches } from "./template-validation.ts";

type StatefulSet = Pick<V1StatefulSet, "spec" | "status">;

const retentionPolicies = ["Retain", "Delete"];
/** What may be changed later. */
const changeable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.selector")];
  const { podManagementPolicy: policy } = spec;
  if (!policy) errors.push(requiredField("spec.podManagementPolicy"));
  else if (policy !== "OrderedReady" && policy !== "Parallel") {
    const detail = "must be 'OrderedReady' or 'Parallel'";
    errors.push(invalidField("spec.podManagementPolicy", policy, detail));
  }
  validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy", errors);
  for (const when of ["whenDeleted", "whenScaled"] as const) {
    const choice = spec.persistentVolumeClaimRetentionPolicy?.[when] ?? "";
    if (spec.persistentVolumeClaimRetentionPolicy && !retentionPolicies.includes(choice)) {
      const field = `spec.persistentVolumeClaimRetentionPolicy.${when}`;
      errors.push(notSupportedField(field, choice, retentionPolicies));
    }
  }
  validateNonNegative(spec, "spec", ["replicas", "minReadySeconds"], errors);
  validateNonNegative(spec.ordinals, "spec.ordinals", ["start"], errors);
  validateSelector(spec.selector, "statefulset", "spec", errors);
  validateSelectorMatches(spec.selector, spec.template, "spec", errors);
  validateTemplate(spec, errors);
  validateKeptRunning(spec.template, "StatefulSet", "spec", errors);
  return errors;
}

/** Its containers are looked at when Pods are made: their volumes come of the claims' templates too. */
function validateTemplate({ template }: V1StatefulSetSpec, errors: FieldError[]): void {
  const { metadata = {}, spec = { containers: [] } } = template;
  validateLabels(metadata.labels, "spec.template.labels", errors);
  validateAnnotations(metadata.annotations, "spec.template.annotations", errors);
  validatePodAnnotations(metadata.annotations, spec, "spec.template.annotations", errors);
}

function validateStrategy(strategy: V1StatefulSetUpdateStrategy, path: string, errors: FieldError[]): void {
  const { type, rollingUpdate } = strategy;
  const at = `${path}.rollingUpdate`;
  if (!type) errors.push(requiredField(path));
  else if (type === "OnDelete") {
    if (rollingUpdate !== undefined) {
      errors.push(invalidField(at, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
    }
  } else if (type !== "RollingUpdate") {
    errors.push(invalidField(path, strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  } else if (rollingUpdate !== undefined) {
    validateNonNegative(rollingUpdate, at, ["partition"], errors);
    const { maxUnavailable } = rollingUpdate;
    if (maxUnavailable === undefined) return;
    validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
    if (numberOf(maxUnavailable) === 0) {
      errors.push(invalidField(`${at}.maxUnavailable`, maxUnavailable, "cannot be 0"));
    }
    validateAtMostAll(maxUnavailable, `${at}.maxUnavailable`, errors);
  }
}

export function validateStatefulSetUpdate(statefulSet: StatefulSet, old: StatefulSet): FieldError[] {
  const errors = validateStatefulSet(statefulSet);
  const { spec } = statefulSet;
  const { spec: before } = old;
  if (spec === undefined || before === undefined) return errors;
  const put = Object.fromEntries(changeable.map((field) => [field, undefined]));
  if (!equalJson({ ...spec, ...put }, { ...before, ...put })) {
    const detail =
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    errors.push(forbiddenField("spec", detail));
  }
  return errors;
}

export function validateStatefulSetStatus({ status }: StatefulSet, old: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  const parts = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"] as const;
  validateNonNegative(
    status,
    "status",
    ["replicas", ...parts, "observedGeneration", "collisionCount"],
    errors,
  );
  for (const field of parts) {
    const count = status?.[field] ?? 0;
    if (count > replicas) {
      errors.push(invalidField(`status.${field}`, count, "cannot be greater than status.replicas"));
    }
  }
  if (availableReplicas > readyReplicas) {
    const detail = "cannot be greater than status.readyReplicas";
    errors.push(invalidField("status.availableReplicas", availableReplicas, detail));
  }
  validateCollisionCount(status, old.status, errors);
  return errors;
}
