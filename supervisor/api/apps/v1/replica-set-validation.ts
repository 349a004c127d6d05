/** Validation of ReplicaSets, with the texts of kubernetes `pkg/apis/apps/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../apimachinery/field-error.ts";
import { validateImmutable, validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { validatePodTemplate } from "../../core/v1/pod/pod-validation.ts";
import type { V1ReplicaSet } from "../../generated/types.ts";
import { validateKeptRunning, validateSelector, validateSelectorMatches } from "./template-validation.ts";

type ReplicaSet = Pick<V1ReplicaSet, "spec" | "status">;

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.selector")];
  validateNonNegative(spec, "spec", ["replicas", "minReadySeconds"], errors);
  // Upstream's message names the wrong kind.
  validateSelector(spec.selector, "deployment", "spec", errors);
  validateSelectorMatches(spec.selector, spec.template, "spec", errors);
  validatePodTemplate(spec.template, "spec.template", errors);
  validateKeptRunning(spec.template, "ReplicaSet", "spec", errors);
  return errors;
}

export function validateReplicaSetUpdate(replicaSet: ReplicaSet, old: ReplicaSet): FieldError[] {
  const errors = validateReplicaSet(replicaSet);
  if (replicaSet.spec && old.spec) validateImmutable(replicaSet.spec, old.spec, "spec", ["selector"], errors);
  return errors;
}

/** What is counted of a set of Pods; also of a ReplicationController's. */
interface Counts {
  readonly replicas?: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly observedGeneration?: number;
}

export function validateReplicaCounts(status: Counts = {}): FieldError[] {
  const errors: FieldError[] = [];
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const parts = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;
  validateNonNegative(status, "status", ["replicas", ...parts, "observedGeneration"], errors);
  for (const field of parts) {
    const count = status[field] ?? 0;
    if (count > replicas) {
      errors.push(invalidField(`status.${field}`, count, "cannot be greater than status.replicas"));
    }
  }
  if (availableReplicas > readyReplicas) {
    const detail = "cannot be greater than readyReplicas";
    errors.push(invalidField("status.availableReplicas", availableReplicas, detail));
  }
  return errors;
}
