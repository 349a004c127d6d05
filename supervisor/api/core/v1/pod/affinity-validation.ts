/** Validation of affinities, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel, checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/label-selector.ts";
import type {
  V1Affinity,
  V1NodeAffinity,
  V1PodAffinity,
  V1PodAffinityTerm,
} from "../../../generated/types.ts";
import { validateNodeSelector, validateNodeSelectorTerm } from "../node-selector-validation.ts";
import { validateLabelKeys } from "./label-keys-validation.ts";

const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

export function validateAffinity(affinity: V1Affinity, path: string, errors: FieldError[]): void {
  if (affinity.nodeAffinity) validateNodeAffinity(affinity.nodeAffinity, `${path}.nodeAffinity`, errors);
  for (const field of ["podAffinity", "podAntiAffinity"] as const) {
    const given = affinity[field];
    if (given) validatePodAffinity(given, `${path}.${field}`, errors);
  }
}

function validateWeight(weight: number, path: string, errors: FieldError[]): void {
  if (weight <= 0 || weight > 100) {
    errors.push(invalidField(`${path}.weight`, weight, "must be in the range 1-100"));
  }
}

function validateNodeAffinity(affinity: V1NodeAffinity, path: string, errors: FieldError[]): void {
  const needed = affinity[required];
  if (needed) validateNodeSelector(needed, `${path}.${required}`, errors);
  (affinity[preferred] ?? []).forEach(({ weight, preference }, index) => {
    const at = `${path}.${preferred}[${index}]`;
    validateWeight(weight, at, errors);
    // What is only preferred may name values that no label can have.
    validateNodeSelectorTerm(preference, `${at}.preference`, false, errors);
  });
}

function validatePodAffinity(affinity: V1PodAffinity, path: string, errors: FieldError[]): void {
  (affinity[required] ?? []).forEach((term, index) => {
    validateTerm(term, `${path}.${required}[${index}]`, errors);
  });
  (affinity[preferred] ?? []).forEach(({ weight, podAffinityTerm }, index) => {
    const at = `${path}.${preferred}[${index}]`;
    validateWeight(weight, at, errors);
    validateTerm(podAffinityTerm, `${at}.podAffinityTerm`, errors);
  });
}

function validateTerm(term: V1PodAffinityTerm, path: string, errors: FieldError[]): void {
  validateLabelSelector(term.labelSelector, `${path}.labelSelector`, errors);
  validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, errors);
  for (const name of term.namespaces ?? []) checkFormat(errors, `${path}.namespace`, name, checkDnsLabel);
  validateLabelKeys(term, path, errors);
  if (!term.topologyKey) errors.push(requiredField(`${path}.topologyKey`, "can not be empty"));
  checkFormat(errors, `${path}.topologyKey`, term.topologyKey, checkQualifiedName);
}
