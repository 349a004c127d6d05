/** Validation of a change of a running Pod's requests and limits, with the texts of kubernetes `ValidatePodResize`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import { equalJson } from "../../../../apimachinery/json/json-value.ts";
import type { ResourceList } from "../../../../apimachinery/resource-list.ts";
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
    old.metadata.annotations?.[mirrorAnnotation] !== undefined
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
  if (hasPodResources(before) || hasPodResources(spec)) validatePodLevel(spec, before, errors);
  const known = errors.length;
  validateOrder(spec, before, errors);
  if (errors.length === known) validateLists(spec, before, errors);
  return errors;
}

/** What the Pod asks for as a whole may be another amount too. */
function validatePodLevel(spec: V1PodSpec, before: V1PodSpec, errors: FieldError[]): void {
  const { resources } = spec;
  if (before.resources !== undefined && resources === undefined) {
    errors.push(forbiddenField("spec.resources", "pod-level resources cannot be removed"));
    return;
  }
  for (const field of ["requests", "limits"] as const) {
    if (!isRemoved(resources?.[field], before.resources?.[field])) continue;
    errors.push(forbiddenField(`spec.resources.${field}`, `pod-level resource ${field} cannot be removed`));
  }
  if (!equalJson(withoutCompute(resources), withoutCompute(before.resources))) {
    errors.push(forbiddenField("spec", "only cpu and memory resources are mutable at pod-level"));
  }
}

/** No container comes, goes, moves or gets another name. */
function validateOrder(spec: V1PodSpec, before: V1PodSpec, errors: FieldError[]): void {
  for (const field of ["containers", "initContainers"] as const) {
    const containers = spec[field] ?? [];
    const old = before[field] ?? [];
    if (containers.length !== old.length) {
      errors.push(forbiddenField(`spec.${field}`, `${field} may not be added or removed on resize`));
      continue;
    }
    old.forEach(({ name }, index) => {
      if (containers[index]?.name === name) return;
      const detail = `${field} may not be renamed or reordered on resize`;
      errors.push(forbiddenField(`spec.${field}[${index}].name`, detail));
    });
  }
}

/** `spec` has the containers of `before`, in their order. */
function validateLists(spec: V1PodSpec, before: V1PodSpec, errors: FieldError[]): void {
  const { containers = [], initContainers = [] } = spec;
  const oldContainers = before.containers ?? [];
  const oldInitContainers = before.initContainers ?? [];
  oldInitContainers.forEach((one, index) => {
    if (one.restartPolicy !== "Always") return;
    const path = `spec.initContainers[${index}].resources`;
    validateKept(initContainers[index]?.resources, one.resources, path, errors);
  });
  oldContainers.forEach((one, index) => {
    validateKept(containers[index]?.resources, one.resources, `spec.containers[${index}].resources`, errors);
  });
  oldContainers.forEach((one, index) => {
    if (isOnlyComputeChanged(containers[index] ?? one, one)) return;
    errors.push(forbiddenField("spec", "only cpu and memory resources are mutable"));
  });
  oldInitContainers.forEach((one, index) => {
    const now = initContainers[index] ?? one;
    if (one.restartPolicy === "Always") {
      if (isOnlyComputeChanged(now, one)) return;
      const detail = "only cpu and memory resources for sidecar containers are mutable";
      errors.push(forbiddenField("spec", detail));
    } else if (!equalJson(now, one)) {
      errors.push(forbiddenField("spec", "resources for non-sidecar init containers are immutable"));
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
    if (isRemoved(now[field], before[field]))
      errors.push(forbiddenField(`${path}.${field}`, `resource ${field} cannot be removed`));
  }
}

function isRemoved(now: ResourceList = {}, before: ResourceList = {}): boolean {
  return Object.keys(before).some((name) => now[name] === undefined);
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
