/** Validation of a Pod's lists of containers, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import type { V1Container, V1EphemeralContainer, V1PodSpec } from "../../../generated/types.ts";
import {
  type ContainerSurroundings,
  validateContainerCommon,
  validateHostPorts,
} from "./container-validation.ts";
import { validateProbesAndHooks } from "./probe-validation.ts";
import { validateInitRestartRules, validateRestartRules } from "./restart-rules-validation.ts";

/** All three lists: ordinary, init and ephemeral containers, in upstream's order. */
export function validateAllContainers(
  spec: V1PodSpec,
  path: string,
  surroundings: ContainerSurroundings,
  errors: FieldError[],
): void {
  const { containers = [], initContainers, ephemeralContainers } = spec;
  if (containers.length === 0) errors.push(requiredField(`${path}.containers`));
  const names = validateContainers(containers, `${path}.containers`, surroundings, errors);
  if (initContainers !== undefined) {
    validateInitContainers(initContainers, names, `${path}.initContainers`, surroundings, errors);
  }
  if (ephemeralContainers !== undefined) {
    validateEphemeralContainers(
      ephemeralContainers,
      names,
      `${path}.ephemeralContainers`,
      surroundings,
      errors,
    );
  }
}

function validateContainers(
  containers: readonly V1Container[],
  path: string,
  surroundings: ContainerSurroundings,
  errors: FieldError[],
): Set<string> {
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateContainerCommon(container, at, surroundings, errors);
    if (names.has(container.name)) errors.push(duplicateField(`${at}.name`, container.name));
    names.add(container.name);
    validateProbesAndHooks(container, surroundings, at, errors);
    validateRestartRules(container, at, errors);
  });
  const taken = new Set<string>();
  containers.forEach(({ ports }, index) => {
    validateHostPorts(ports, taken, `${path}[${index}]`, errors);
  });
  return names;
}

const ofRestartable = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** `names` are those of the ordinary containers; the init containers' are added. */
function validateInitContainers(
  containers: readonly V1Container[],
  names: Set<string>,
  path: string,
  surroundings: ContainerSurroundings,
  errors: FieldError[],
): void {
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateContainerCommon(container, at, surroundings, errors);
    validateInitRestartRules(container, at, errors);
    if (names.has(container.name)) errors.push(duplicateField(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    // Init containers run one by one: each has the host's ports for itself.
    validateHostPorts(container.ports, new Set(), `${path}[0]`, errors);
    if (container.restartPolicy === "Always") {
      validateProbesAndHooks(container, surroundings, at, errors);
      return;
    }
    for (const field of ofRestartable) {
      if (container[field] === undefined) continue;
      const detail = "may not be set for init containers without restartPolicy=Always";
      errors.push(forbiddenField(`${at}.${field}`, detail));
    }
  });
}

/** What serves a Pod's work is no part of containers that only look into it. */
const withheld = [
  "ports",
  "lifecycle",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
] as const;

function validateEphemeralContainers(
  containers: readonly V1EphemeralContainer[],
  others: ReadonlySet<string>,
  path: string,
  surroundings: ContainerSurroundings,
  errors: FieldError[],
): void {
  const names = new Set(others);
  const refusal = "cannot be set for an Ephemeral Container";
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateContainerCommon(container, at, surroundings, errors);
    validateImageText(container, at, errors);
    if (names.has(container.name)) errors.push(duplicateField(`${at}.name`, container.name));
    names.add(container.name);
    const { targetContainerName: target, resources = {} } = container;
    if (target && !others.has(target)) errors.push(notFoundField(`${at}.targetContainerName`, target));
    for (const field of withheld) {
      if (container[field] !== undefined) errors.push(forbiddenField(`${at}.${field}`, refusal));
    }
    if (Object.keys(resources).length > 0) errors.push(forbiddenField(`${at}.resources`, refusal));
    (container.volumeMounts ?? []).forEach(({ subPath, subPathExpr }, position) => {
      const mount = `${at}.volumeMounts[${position}]`;
      if (subPath) errors.push(forbiddenField(`${mount}.subPath`, refusal));
      if (subPathExpr) errors.push(forbiddenField(`${mount}.subPathExpr`, refusal));
    });
  });
}

/** In a Pod, not in a template, an image has no white space around it. */
export function validateImageText(
  { image = "" }: V1Container | V1EphemeralContainer,
  path: string,
  errors: FieldError[],
): void {
  if (image.trim() === image) return;
  errors.push(invalidField(`${path}.image`, image, "must not have leading or trailing whitespace"));
}
