/** Validation of Deployments, with the texts of kubernetes `pkg/apis/apps/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { validateImmutable, validateNonNegative } from "../../../apimachinery/validation/numbers.ts";
import { validatePodTemplate } from "../../core/v1/pod/pod-validation.ts";
import type { V1Deployment, V1DeploymentSpec, V1DeploymentStrategy } from "../../generated/types.ts";
import { numberOf, validateAtMostAll, validateIntOrPercent } from "./int-or-percent.ts";
import { validateKeptRunning, validateSelector, validateSelectorMatches } from "./template-validation.ts";

type Deployment = Pick<V1Deployment, "spec" | "status">;

const strategies = ["Recreate", "RollingUpdate"];

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const errors: FieldError[] = [];
  if (spec === undefined) return [requiredField("spec.selector")];
  validateNonNegative(spec, "spec", ["replicas"], errors);
  validateSelector(spec.selector, "deployment", "spec", errors);
  validateSelectorMatches(spec.selector, spec.template, "spec", errors);
  validatePodTemplate(spec.template, "spec.template", errors);
  validateKeptRunning(spec.template, "ReplicaSet", "spec", errors);
  validateStrategy(spec.strategy ?? {}, "spec.strategy", errors);
  validateNonNegative(spec, "spec", ["minReadySeconds", "revisionHistoryLimit"], errors);
  validateProgressDeadline(spec, errors);
  return errors;
}

function validateProgressDeadline(spec: V1DeploymentSpec, errors: FieldError[]): void {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  if (deadline === undefined) return;
  validateNonNegative(spec, "spec", ["progressDeadlineSeconds"], errors);
  if (deadline <= minReadySeconds) {
    const detail = "must be greater than minReadySeconds";
    errors.push(invalidField("spec.progressDeadlineSeconds", deadline, detail));
  }
}

function validateStrategy(strategy: V1DeploymentStrategy, path: string, errors: FieldError[]): void {
  const { type, rollingUpdate } = strategy;
  if (type === "Recreate") {
    if (rollingUpdate === undefined) return;
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    errors.push(forbiddenField(`${path}.rollingUpdate`, detail));
  } else if (type === "RollingUpdate") {
    const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
    const at = `${path}.rollingUpdate`;
    validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`, errors);
    validateIntOrPercent(maxSurge, `${at}.maxSurge`, errors);
    if (numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0) {
      errors.push(invalidField(`${at}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
    }
    validateAtMostAll(maxUnavailable, `${at}.maxUnavailable`, errors);
  } else errors.push(notSupportedField(path, strategy, strategies));
}

export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): FieldError[] {
  const errors = validateDeployment(deployment);
  if (deployment.spec && old.spec) validateImmutable(deployment.spec, old.spec, "spec", ["selector"], errors);
  return errors;
}

export function validateDeploymentStatus({ status = {} }: Deployment, old: Deployment): FieldError[] {
  const errors: FieldError[] = [];
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  const numbers = [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "collisionCount",
    "terminatingReplicas",
  ] as const;
  validateNonNegative(status, "status", numbers, errors);
  const tooMany = "cannot be greater than status.replicas";
  if (updatedReplicas > replicas)
    errors.push(invalidField("status.updatedReplicas", updatedReplicas, tooMany));
  if (readyReplicas > replicas) errors.push(invalidField("status.readyReplicas", readyReplicas, tooMany));
  if (availableReplicas > replicas) {
    errors.push(invalidField("status.availableReplicas", availableReplicas, tooMany));
  }
  if (availableReplicas > readyReplicas) {
    const detail = "cannot be greater than readyReplicas";
    errors.push(invalidField("status.availableReplicas", availableReplicas, detail));
  }
  validateCollisionCount(status, old.status, errors);
  return errors;
}

/** How often a name was taken only grows. */
export function validateCollisionCount(
  status: { readonly collisionCount?: number } | undefined,
  old: { readonly collisionCount?: number } | undefined,
  errors: FieldError[],
): void {
  const before = old?.collisionCount;
  const now = status?.collisionCount;
  if (before === undefined || (now !== undefined && now >= before)) return;
  errors.push(invalidField("status.collisionCount", now ?? 0, "cannot be decremented"));
}
