/** What may change in a Pod after its creation, with the texts of kubernetes `ValidatePodUpdate`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import { cloneJson, equalJson, type JsonObject } from "../../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../../apimachinery/mutable.ts";
import { jsonDiff } from "../../../../apimachinery/unified-diff.ts";
import { rangeMessage } from "../../../../apimachinery/validation/formats.ts";
import type { V1NodeSelectorTerm, V1PodSpec, V1Toleration } from "../../../generated/types.ts";
import { validatePodAnnotationsUpdate } from "./pod-annotations-validation.ts";
import type { ValidatedPod } from "./pod-validation.ts";

type PodSpec = Mutable<V1PodSpec>;

const maxInt32 = 2 ** 31 - 1;
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const refusal =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

export function validatePodUpdate(pod: ValidatedPod, oldPod: ValidatedPod): FieldError[] {
  const errors: FieldError[] = [];
  validatePodAnnotationsUpdate(pod.metadata.annotations, oldPod.metadata.annotations, errors);
  const { spec } = pod;
  const { spec: old } = oldPod;
  if (spec === undefined || old === undefined || equalJson(spec, old)) return errors;
  for (const field of ["containers", "initContainers"] as const) {
    if ((spec[field] ?? []).length !== (old[field] ?? []).length) {
      return [...errors, forbiddenField(`spec.${field}`, "pod updates may not add or remove containers")];
    }
  }
  const deadline = deadlineError(spec.activeDeadlineSeconds, old.activeDeadlineSeconds);
  if (deadline !== undefined) errors.push(deadline);
  if (deadline !== undefined && spec.activeDeadlineSeconds !== undefined) return errors;
  validateTolerationsKept(spec.tolerations ?? [], old.tolerations ?? [], errors);
  validateGatesOnlyGo(spec, old, errors);
  const kept = withoutChangeable(spec, old, errors);
  if (!equalJson(kept, old)) errors.push(forbiddenField("spec", `${refusal}\n${jsonDiff(old, kept)}`));
  return errors;
}

function deadlineError(deadline: number | undefined, old: number | undefined): FieldError | undefined {
  const path = "spec.activeDeadlineSeconds";
  if (deadline === undefined) {
    const detail = "must not update from a positive integer to nil value";
    return old === undefined ? undefined : invalidField(path, null, detail);
  }
  if (deadline < 0 || deadline > maxInt32) return invalidField(path, deadline, rangeMessage(0, maxInt32));
  if (old === undefined || old >= deadline) return undefined;
  return invalidField(path, deadline, "must be less than or equal to previous value");
}

function validateTolerationsKept(
  tolerations: readonly V1Toleration[],
  old: readonly V1Toleration[],
  errors: FieldError[],
): void {
  if (old.every((one) => tolerations.some((other) => sameButSeconds(one, other)))) return;
  const detail = "existing toleration can not be modified except its tolerationSeconds";
  errors.push(forbiddenField("spec.tolerations", detail));
}

function sameButSeconds(left: V1Toleration, right: V1Toleration): boolean {
  return equalJson({ ...left, tolerationSeconds: undefined }, { ...right, tolerationSeconds: undefined });
}

function validateGatesOnlyGo(spec: V1PodSpec, old: V1PodSpec, errors: FieldError[]): void {
  const known = (old.schedulingGates ?? []).map(({ name }) => name);
  (spec.schedulingGates ?? []).forEach(({ name }, index) => {
    if (known.includes(name)) return;
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbiddenField(`spec.schedulingGates[${index}].name`, detail));
  });
}

function copySpec(spec: V1PodSpec): PodSpec {
  // A spec is JSON; its clone is ours to change.
  return cloneJson(spec as unknown as JsonObject) as unknown as PodSpec;
}

function copyField<T, Key extends keyof T>(to: T, from: T, key: Key): void {
  if (from[key] === undefined) delete to[key];
  else to[key] = from[key];
}

/** The new spec with all that may change put back. */
function withoutChangeable(spec: V1PodSpec, old: V1PodSpec, errors: FieldError[]): PodSpec {
  const copy = copySpec(spec);
  const previous = copySpec(old);
  for (const field of ["containers", "initContainers"] as const) {
    copy[field]?.forEach((container, index) => {
      const image = previous[field]?.[index]?.image;
      if (image !== undefined) container.image = image;
    });
  }
  copyField(copy, previous, "activeDeadlineSeconds");
  copyField(copy, previous, "tolerations");
  copyField(copy, previous, "schedulingGates");
  const wasNegative = (old.terminationGracePeriodSeconds ?? 0) < 0;
  if (wasNegative && spec.terminationGracePeriodSeconds === 1) {
    copyField(copy, previous, "terminationGracePeriodSeconds");
  }
  if (old.schedulingGates?.length) putBackPlacement(copy, previous, errors);
  return copy;
}

/** A Pod that waits at a gate may still be told more about where it is to run. */
function putBackPlacement(spec: PodSpec, old: PodSpec, errors: FieldError[]): void {
  const before = old.nodeSelector ?? {};
  const after = spec.nodeSelector ?? {};
  if (Object.keys(before).some((key) => before[key] !== after[key])) {
    const detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
    errors.push(invalidField("spec.nodeSelector", after, detail));
  }
  copyField(spec, old, "nodeSelector");
  validateNodeAffinityGrows(spec, old, errors);
  const nodeAffinity = old.affinity?.nodeAffinity;
  const { nodeAffinity: _changed, ...others } = spec.affinity ?? {};
  if (nodeAffinity !== undefined) spec.affinity = { ...others, nodeAffinity };
  else if (old.affinity === undefined && Object.keys(others).length === 0) delete spec.affinity;
  else spec.affinity = others;
}

function validateNodeAffinityGrows(spec: V1PodSpec, old: V1PodSpec, errors: FieldError[]): void {
  const before = old.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms ?? [];
  if (before.length === 0) return;
  const after = spec.affinity?.nodeAffinity?.[required]?.nodeSelectorTerms ?? [];
  const path = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`;
  if (after.length !== before.length) {
    const detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    errors.push(invalidField(path, after, detail));
    return;
  }
  before.forEach((term, index) => {
    const now = after[index];
    if (now !== undefined && onlyGrows(now, term)) return;
    const detail = "only additions are allowed (no mutations or deletions)";
    errors.push(invalidField(`${path}[${index}]`, now, detail));
  });
}

function onlyGrows(term: V1NodeSelectorTerm, old: V1NodeSelectorTerm): boolean {
  const wasEmpty = !old.matchExpressions?.length && !old.matchFields?.length;
  if (wasEmpty) return !term.matchExpressions?.length && !term.matchFields?.length;
  return (["matchExpressions", "matchFields"] as const).every((field) => {
    const before = old[field] ?? [];
    return equalJson((term[field] ?? []).slice(0, before.length), before);
  });
}
