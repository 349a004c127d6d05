/** Validation of what a Pod asks for as a whole, with the texts of kubernetes `validatePodResources`. */
import { type FieldError, forbiddenField, invalidField } from "../../../../apimachinery/field-error.ts";
import { compareQuantities } from "../../../../apimachinery/resource-list.ts";
import type { V1PodSpec, V1ResourceRequirements } from "../../../generated/types.ts";
import { isHugePages } from "../resource-names.ts";
import { podLimits, podRequests } from "./pod-resources.ts";
import { validatePodLevelResources } from "./resources-validation.ts";

export function validatePodResources(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  const { resources } = spec;
  if (resources === undefined) return;
  if (spec.os?.name === "windows") {
    errors.push(forbiddenField(path, "may not be set for a windows pod"));
    return;
  }
  validatePodLevelResources(resources, path, errors);
  validateSums(spec, resources, path, errors);
  // Upstream names the containers below the Pod's resources.
  (spec.containers ?? []).forEach((container, index) => {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const ofPod = resources.limits?.[name];
      if (ofPod === undefined || compareQuantities(limit, ofPod) <= 0) continue;
      const field = `${path}.containers[${index}][${name}].limits`;
      errors.push(invalidField(field, limit, `must be less than or equal to pod limits of ${ofPod}`));
    }
  });
}

/** What is asked for as a whole covers what the containers ask for together. */
function validateSums(
  { containers, initContainers = [] }: V1PodSpec,
  { requests, limits }: V1ResourceRequirements,
  path: string,
  errors: FieldError[],
): void {
  const pod = { spec: { containers, initContainers } };
  for (const [name, sum] of Object.entries(podRequests(pod))) {
    const request = requests?.[name];
    if (request === undefined || compareQuantities(sum, request) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${sum}`;
    errors.push(invalidField(`${path}.requests[${name}]`, request, detail));
  }
  for (const [name, sum] of Object.entries(podLimits(pod))) {
    const limit = limits?.[name];
    if (!isHugePages(name) || limit === undefined || compareQuantities(sum, limit) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container limits of ${sum}`;
    errors.push(invalidField(`${path}.limits[${name}]`, limit, detail));
  }
}
