/** Validation of a change of a running Pod's requests and limits, with the texts of kubernetes `ValidatePodResize`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import { equalJson } from "../../../../apimachinery/json/json-value.ts";
import type {
  V1Container,
  V1PodSpec,
  V1PodStatus,
  V1ResourceRequirements,
} from "../../../generated/types.ts";
import { mirrorAnnotation } from "./pod-annotations-validation.ts";
import { podQosClass } from "./pod-qos.ts";
import { type ValidatedPod, validatePod } from "./pod-validation.ts";

interface RunningPod extends ValidatedPod {
  readonly status?: V1PodStatus;
}

function hasPodResources(spec: V1PodSpec | undefined): boolean {
  const { requests = {}, limits = {} } = spec?.resources ?? {};
  return Object.keys(requests).length + Object.keys(limits).length > 0;
}

export function validatePodResize(pod: RunningPod, old: RunningPod): FieldError[] {
  const { spec } = pod;
  const { spec: before } = old;
  if (spec === undefined || before === undefined) return validatePod(pod);
  const refusal =
    hasPodResources(before) || hasPodResources(spec)
      ? "pods with pod-level resources cannot be resized"
      : old.metadata.annotations?.[mirrorAnnotation] !== undefined
        ? "static pods cannot be resized"
        : before.os?.name === "windows"
          ? "windows pods cannot be resized"
          : undefined;
  if (refusal !== undefined) return [forbiddenField("", refusal)];
  const errors = validatePod(pod);
  if (podQosClass(before) !== podQosClass(spec)) {
    const detail = "Pod QOS Class may not change as a result of resizing";
    errors.push(invalidField("spec", pod.status?.qosClass ?? "", detail));
  }
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  if (running !== undefined && running.resources === undefined) {
    errors.push(forbiddenField("spec", "Pod running on node without support for resize"));
  }
  validateLists(spec, before, errors);
  return errors;
}

function validateLists(spec: V1PodSpec, before: V1PodSpec, errors: FieldError[]): void {
  (before.initContainers ?? []).forEach((one, index) => {
    const now = spec.initContainers?.[index] ?? one;
    const path = `spec.initContainers[${index}].resources`;
    if (one.restartPolicy === "Always") {
      validateKept(now.resources, one.resources, path, errors);
      if (!isOnlyComputeChanged(now, one)) {
        const detail = "only cpu and memory resources for sidecar containers are mutable";
        errors.push(forbiddenField("spec", detail));
      }
    } else if (!equalJson(now, one)) {
      errors.push(forbiddenField("spec", "resources for non-sidecar init containers are immutable"));
    }
  });
  (before.containers ?? []).forEach((one, index) => {
    const now = spec.containers?.[index] ?? one;
    validateKept(now.resources, one.resources, `spec.containers[${index}].resources`, errors);
    if (!isOnlyComputeChanged(now, one)) {
      errors.push(forbiddenField("spec", "only cpu and memory resources are mutable"));
    }
  });
}

/** What was asked for once may be another amount, but not nothing. */
function validateKept(
  now: V1ResourceRequirements = {},
  before: V1ResourceRequirements = {},
  path: string,
  errors: FieldError[],
): void {
  for (const field of ["requests", "limits"] as const) {
    const gone = Object.keys(before[field] ?? {}).some((name) => now[field]?.[name] === undefined);
    if (gone) errors.push(forbiddenField(`${path}.${field}`, `resource ${field} cannot be removed`));
  }
}

function withoutCompute(resources: V1ResourceRequirements = {}) {
  const drop = ({ cpu: _cpu, memory: _memory, ...others }: Readonly<Record<string, string>> = {}) => others;
  return { requests: drop(resources.requests), limits: drop(resources.limits), claims: resources.claims };
}

function isOnlyComputeChanged(now: V1Container, before: V1Container): boolean {
  const { resources, ...others } = now;
  const { resources: old, ...rest } = before;
  return equalJson(others, rest) && equalJson(withoutCompute(resources), withoutCompute(old));
}
