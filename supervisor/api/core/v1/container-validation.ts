/** Validation of containers, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { checkDnsLabel, checkPortName, checkPortNumber } from "../../../apimachinery/validation/formats.ts";
import type { V1Container, V1ContainerPort, V1EphemeralContainer } from "../../generated/types.ts";
import { validateEnv } from "./env-validation.ts";
import { validateProbes } from "./probe-validation.ts";
import { validateResources } from "./resources-validation.ts";

const pullPolicies = ["Always", "IfNotPresent", "Never"];
const messagePolicies = ["File", "FallbackToLogsOnError"];
const protocols = ["SCTP", "TCP", "UDP"];

export interface ContainerSurroundings {
  /** The names of the Pod's volumes. */
  readonly volumes: ReadonlySet<string>;
  /** What the Pod's containers before this one take of the host; grows by this one's. */
  readonly hostPorts: Set<string>;
  readonly isInit: boolean;
}

export function validateContainer(
  container: V1Container | V1EphemeralContainer,
  path: string,
  surroundings: ContainerSurroundings,
  errors: FieldError[],
): void {
  if (!container.name) errors.push(requiredField(`${path}.name`));
  else {
    for (const message of checkDnsLabel(container.name)) {
      errors.push(invalidField(`${path}.name`, container.name, message));
    }
  }
  validateImage(container, path, errors);
  validatePorts(container.ports ?? [], `${path}.ports`, surroundings.hostPorts, errors);
  validateEnv(container, path, errors);
  validateMounts(container, path, surroundings.volumes, errors);
  validateResources(container.resources, `${path}.resources`, errors);
  if (surroundings.isInit) validateInitRules(container, path, errors);
  else validateProbes(container, path, errors);
  const { terminationMessagePolicy: policy } = container;
  if (policy && !messagePolicies.includes(policy)) {
    errors.push(notSupportedField(`${path}.terminationMessagePolicy`, policy, messagePolicies.toReversed()));
  }
}

function validateImage(
  container: V1Container | V1EphemeralContainer,
  path: string,
  errors: FieldError[],
): void {
  const { image = "", imagePullPolicy } = container;
  if (image === "") errors.push(requiredField(`${path}.image`));
  else if (image.trim() !== image) {
    errors.push(invalidField(`${path}.image`, image, "must not have leading or trailing whitespace"));
  }
  if (imagePullPolicy && !pullPolicies.includes(imagePullPolicy)) {
    errors.push(notSupportedField(`${path}.imagePullPolicy`, imagePullPolicy, pullPolicies));
  }
}

function validatePorts(
  ports: readonly V1ContainerPort[],
  path: string,
  hostPorts: Set<string>,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = `${path}[${index}]`;
    if (port.name) {
      for (const message of checkPortName(port.name)) {
        errors.push(invalidField(`${at}.name`, port.name, message));
      }
      if (names.has(port.name)) errors.push(duplicateField(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(requiredField(`${at}.containerPort`));
    else {
      for (const message of checkPortNumber(port.containerPort)) {
        errors.push(invalidField(`${at}.containerPort`, port.containerPort, message));
      }
    }
    validateHostPort(port, at, hostPorts, errors);
    if (!port.protocol) errors.push(requiredField(`${at}.protocol`));
    else if (!protocols.includes(port.protocol)) {
      errors.push(notSupportedField(`${at}.protocol`, port.protocol, protocols));
    }
  });
}

function validateHostPort(
  port: V1ContainerPort,
  path: string,
  hostPorts: Set<string>,
  errors: FieldError[],
): void {
  if (!port.hostPort) return;
  for (const message of checkPortNumber(port.hostPort)) {
    errors.push(invalidField(`${path}.hostPort`, port.hostPort, message));
  }
  const claim = `${port.protocol}/${port.hostIP ?? ""}/${port.hostPort}`;
  if (hostPorts.has(claim)) errors.push(duplicateField(`${path}.hostPort`, claim));
  hostPorts.add(claim);
}

function validateMounts(
  container: V1Container | V1EphemeralContainer,
  path: string,
  volumes: ReadonlySet<string>,
  errors: FieldError[],
): void {
  const paths = new Set<string>();
  (container.volumeMounts ?? []).forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount.name) errors.push(requiredField(`${at}.name`));
    else if (!volumes.has(mount.name)) errors.push(notFoundField(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(requiredField(`${at}.mountPath`));
    else if (paths.has(mount.mountPath)) {
      errors.push(invalidField(`${at}.mountPath`, mount.mountPath, "must be unique"));
    }
    paths.add(mount.mountPath);
    const { subPath = "" } = mount;
    if (subPath.startsWith("/"))
      errors.push(invalidField(`${at}.subPath`, subPath, "must be a relative path"));
    if (subPath.split("/").includes("..")) {
      errors.push(invalidField(`${at}.subPath`, subPath, "must not contain '..'"));
    }
  });
}

/** An init container that does not run beside the others has no hooks and no probes. */
function validateInitRules(
  container: V1Container | V1EphemeralContainer,
  path: string,
  errors: FieldError[],
): void {
  const { restartPolicy } = container;
  if (restartPolicy === "Always") {
    validateProbes(container, path, errors);
    return;
  }
  for (const field of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
    if (container[field] === undefined) continue;
    errors.push(
      forbiddenField(`${path}.${field}`, "may not be set for init containers without restartPolicy=Always"),
    );
  }
}
