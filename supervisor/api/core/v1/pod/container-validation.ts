/** Validation of what all containers have in common, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkRequiredFormat, checkRequiredOneOf } from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsLabel,
  checkPortName,
  checkPortNumber,
} from "../../../../apimachinery/validation/formats.ts";
import type {
  V1Container,
  V1ContainerPort,
  V1ContainerResizePolicy,
  V1EphemeralContainer,
} from "../../../generated/types.ts";
import type { VolumesByName } from "../volume/volume-validation.ts";
import { validateEnv, validateEnvFrom } from "./env-validation.ts";
import { validateMounts } from "./mount-validation.ts";
import { validateContainerResources } from "./resources-validation.ts";
import { validateSecurityContext } from "./security-context-validation.ts";

const pullPolicies = ["Always", "IfNotPresent", "Never"];
const messagePolicies = ["File", "FallbackToLogsOnError"];
const protocols = ["SCTP", "TCP", "UDP"];
const resizeResources = ["cpu", "memory"];
const resizePolicies = ["NotRequired", "RestartContainer"];

/** What a container's validity depends on beside itself. */
export interface ContainerSurroundings {
  /** The Pod's valid volumes. */
  readonly volumes: VolumesByName;
  /** The names of the Pod's resource claims. */
  readonly claims: ReadonlySet<string>;
  readonly podRestartPolicy: string | undefined;
  readonly graceSeconds: number | undefined;
  /** Whether the Pod shares the host's users. */
  readonly hostUsers: boolean;
  /** The Pod's operating system, where it says one. */
  readonly os: string | undefined;
}

export function validateContainerCommon(
  container: V1Container | V1EphemeralContainer,
  path: string,
  surroundings: ContainerSurroundings,
  errors: FieldError[],
): void {
  checkRequiredFormat(errors, `${path}.name`, container.name, checkDnsLabel);
  if (!container.image) errors.push(requiredField(`${path}.image`));
  checkRequiredOneOf(
    errors,
    `${path}.terminationMessagePolicy`,
    container.terminationMessagePolicy,
    messagePolicies,
  );
  const { ports, env, envFrom, resizePolicy } = container;
  if (ports !== undefined) validatePorts(ports, `${path}.ports`, errors);
  if (env !== undefined) validateEnv(env, `${path}.env`, errors);
  if (envFrom !== undefined) validateEnvFrom(envFrom, `${path}.envFrom`, errors);
  validateMounts(container, surroundings.volumes, path, errors);
  checkRequiredOneOf(errors, `${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies);
  validateContainerResources(container.resources, surroundings.claims, `${path}.resources`, errors);
  if (resizePolicy !== undefined) {
    validateResizePolicy(resizePolicy, surroundings.podRestartPolicy, `${path}.resizePolicy`, errors);
  }
  validateSecurityContext(
    container.securityContext,
    surroundings.hostUsers,
    `${path}.securityContext`,
    errors,
  );
}

function validatePorts(ports: readonly V1ContainerPort[], path: string, errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach(({ name, containerPort, hostPort, protocol }, index) => {
    const at = `${path}[${index}]`;
    if (name) {
      const complaints = checkPortName(name);
      for (const message of complaints) errors.push(invalidField(`${at}.name`, name, message));
      if (complaints.length === 0 && names.has(name)) errors.push(duplicateField(`${at}.name`, name));
      names.add(name);
    }
    if (!containerPort) errors.push(requiredField(`${at}.containerPort`));
    else validatePortNumber(containerPort, `${at}.containerPort`, errors);
    if (hostPort) validatePortNumber(hostPort, `${at}.hostPort`, errors);
    checkRequiredOneOf(errors, `${at}.protocol`, protocol, protocols);
  });
}

function validatePortNumber(port: number, field: string, errors: FieldError[]): void {
  for (const message of checkPortNumber(port)) errors.push(invalidField(field, port, message));
}

/** `taken` are the host's ports that containers before have; those of `ports` are added. */
export function validateHostPorts(
  ports: readonly V1ContainerPort[] | undefined,
  taken: Set<string>,
  path: string,
  errors: FieldError[],
): void {
  ports?.forEach(({ hostPort, hostIP = "", protocol = "" }, index) => {
    if (!hostPort) return;
    const claim = `${protocol}/${hostIP}/${hostPort}`;
    if (taken.has(claim)) errors.push(duplicateField(`${path}.ports[${index}].hostPort`, claim));
    taken.add(claim);
  });
}

/** Upstream names the whole list also where one entry is wrong. */
function validateResizePolicy(
  policies: readonly V1ContainerResizePolicy[],
  podRestartPolicy: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  const seen = new Set<string>();
  policies.forEach(({ resourceName, restartPolicy }, index) => {
    if (seen.has(resourceName)) errors.push(duplicateField(`${path}[${index}]`, resourceName));
    seen.add(resourceName);
    checkRequiredOneOf(errors, path, resourceName, resizeResources);
    checkRequiredOneOf(errors, path, restartPolicy, resizePolicies);
    if (podRestartPolicy === "Never" && restartPolicy !== "NotRequired") {
      const detail = "must be 'NotRequired' when `restartPolicy` is 'Never'";
      errors.push(invalidField(path, restartPolicy, detail));
    }
  });
}
