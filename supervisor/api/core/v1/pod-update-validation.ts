/** What may change in a Pod's spec after its creation (kubernetes `ValidatePodUpdate`). */
import { type FieldError, forbiddenField, invalidField } from "../../../apimachinery/field-error.ts";
import { cloneJson, equalJson, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import type { V1PodSpec, V1Toleration } from "../../generated/types.ts";

type PodSpec = Mutable<V1PodSpec>;

const refusal =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

export function validatePodSpecUpdate(spec: V1PodSpec | undefined, old: V1PodSpec | undefined): FieldError[] {
  if (spec === undefined || old === undefined || equalJson(spec, old)) return [];
  for (const field of ["containers", "initContainers"] as const) {
    if ((spec[field] ?? []).length !== (old[field] ?? []).length) {
      return [forbiddenField(`spec.${field}`, "pod updates may not add or remove containers")];
    }
  }
  const errors = [
    ...validateDeadline(spec.activeDeadlineSeconds, old.activeDeadlineSeconds),
    ...validateTolerations(spec.tolerations ?? [], old.tolerations ?? []),
  ];
  if (!equalJson(withoutChangeable(spec, old), old)) errors.push(forbiddenField("spec", refusal));
  return errors;
}

/** The new spec with all that may change put back. */
function withoutChangeable(spec: V1PodSpec, old: V1PodSpec): PodSpec {
  // A spec is JSON; its clone is ours to change.
  const copy = cloneJson(spec as unknown as JsonObject) as unknown as PodSpec;
  const previous = cloneJson(old as unknown as JsonObject) as unknown as PodSpec;
  for (const field of ["containers", "initContainers"] as const) {
    copy[field]?.forEach((container, index) => {
      const image = previous[field]?.[index]?.image;
      if (image !== undefined) container.image = image;
    });
  }
  copyField(copy, previous, "activeDeadlineSeconds");
  copyField(copy, previous, "tolerations");
  const wasNegative = (old.terminationGracePeriodSeconds ?? 0) < 0;
  if (wasNegative && spec.terminationGracePeriodSeconds === 1) {
    copyField(copy, previous, "terminationGracePeriodSeconds");
  }
  // The gates of a Pod may only go; the scheduler's own check is who minds them.
  const gates = (old.schedulingGates ?? []).map(({ name }) => name);
  if ((spec.schedulingGates ?? []).every(({ name }) => gates.includes(name))) {
    copyField(copy, previous, "schedulingGates");
  }
  return copy;
}

function copyField<Key extends keyof PodSpec>(to: PodSpec, from: PodSpec, key: Key): void {
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
}

function validateDeadline(deadline: number | undefined, old: number | undefined): FieldError[] {
  const path = "spec.activeDeadlineSeconds";
  if (old === undefined || deadline === old) return [];
  if (deadline === undefined) {
    return [invalidField(path, null, `must not update from a positive integer to nil value`)];
  }
  return deadline > old ? [invalidField(path, deadline, `must be less than or equal to previous value`)] : [];
}

function validateTolerations(
  tolerations: readonly V1Toleration[],
  old: readonly V1Toleration[],
): FieldError[] {
  const kept = old.every((one) => tolerations.some((other) => sameButSeconds(one, other)));
  const detail = "existing toleration can not be modified except its tolerationSeconds";
  return kept ? [] : [forbiddenField("spec.tolerations", detail)];
}

function sameButSeconds(left: V1Toleration, right: V1Toleration): boolean {
  return equalJson({ ...left, tolerationSeconds: undefined }, { ...right, tolerationSeconds: undefined });
}
