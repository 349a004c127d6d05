/** Validation of a Pod's spec, with the texts of kubernetes `ValidatePodSpec`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat, checkRequiredOneOf } from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkQualifiedName,
  type FormatCheck,
  rangeMessage,
} from "../../../../apimachinery/validation/formats.ts";
import { validateLabels } from "../../../../apimachinery/validation/object-meta.ts";
import type { V1PodResourceClaim, V1PodSpec } from "../../../generated/types.ts";
import { validateVolumes } from "../volume/volume-validation.ts";
import { validateAffinity } from "./affinity-validation.ts";
import { validateAllContainers } from "./containers-validation.ts";
import { validateDnsConfig, validateDnsPolicy, validateHostAliases } from "./dns-validation.ts";
import { eachContainer } from "./each-container.ts";
import { validateFileKeyVolumes } from "./env-validation.ts";
import { validateOs } from "./os-validation.ts";
import { validatePodResources } from "./pod-resources-validation.ts";
import { validateContainerResources } from "./resources-validation.ts";
import { validatePodSecurityContext } from "./security-context-validation.ts";
import { validateTolerations } from "./toleration-validation.ts";
import { validateTopologySpread } from "./topology-spread-validation.ts";
import { validateHostProcess } from "./windows-validation.ts";

const restartPolicies = ["Always", "OnFailure", "Never"];
const preemptionPolicies = ["PreemptLowerPriority", "Never"];
const maxInt32 = 2 ** 31 - 1;
const maxHostnameLength = 64;
const noClaims: ReadonlySet<string> = new Set();

/** `podName` is given for a Pod, and absent in a template. */
export function validatePodSpec(
  spec: V1PodSpec,
  podName: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  const { terminationGracePeriodSeconds: graceSeconds } = spec;
  if (graceSeconds === undefined) errors.push(requiredField(`${path}.terminationGracePeriodSeconds`));
  const volumes = validateVolumes(spec.volumes, podName, `${path}.volumes`, errors);
  const claims = validateClaims(spec.resourceClaims, `${path}.resourceClaims`, errors);
  const surroundings = {
    volumes,
    claims,
    podRestartPolicy: spec.restartPolicy,
    graceSeconds,
    hostUsers: spec.hostUsers ?? true,
    os: spec.os?.name,
  };
  validateAllContainers(spec, path, surroundings, errors);
  validatePodResources(spec, `${path}.resources`, errors);
  if (spec.hostNetwork) validateHostNetworkPorts(spec, podName !== undefined, path, errors);
  checkRequiredOneOf(errors, `${path}.restartPolicy`, spec.restartPolicy, restartPolicies);
  validateDnsPolicy(spec, path, errors);
  validateLabels(spec.nodeSelector, `${path}.nodeSelector`, errors);
  validatePodSecurityContext(spec, `${path}.securityContext`, errors);
  if (spec.affinity) validateAffinity(spec.affinity, `${path}.affinity`, errors);
  validateDnsConfig(spec, path, errors);
  validateGates(spec, path, errors);
  if (spec.topologySpreadConstraints) {
    validateTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, errors);
  }
  validateHostProcess(spec, path, errors);
  validateHostUsers(spec, path, errors);
  validatePlainFields(spec, path, errors);
  if (spec.overhead) {
    validateContainerResources({ limits: spec.overhead }, noClaims, `${path}.overhead`, errors);
  }
  validateOs(spec, path, errors);
  validateFileKeyVolumes(spec, path, errors);
}

/** The names of the claims, for the containers. */
function validateClaims(
  claims: readonly V1PodResourceClaim[] | undefined,
  path: string,
  errors: FieldError[],
): ReadonlySet<string> {
  if (claims === undefined) return noClaims;
  const names = new Set<string>();
  claims.forEach((claim, index) => {
    const at = `${path}[${index}]`;
    const { name, resourceClaimName: direct, resourceClaimTemplateName: template } = claim;
    if (!name) errors.push(requiredField(`${at}.name`));
    else if (names.has(name)) errors.push(duplicateField(`${at}.name`, name));
    else checkFormat(errors, `${at}.name`, name, checkDnsLabel);
    names.add(name);
    if (direct !== undefined && template !== undefined) {
      const detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
      errors.push(invalidField(at, claim, detail));
    }
    if (direct === undefined && template === undefined) {
      const detail = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
      errors.push(invalidField(at, claim, detail));
    }
    if (direct !== undefined) checkFormat(errors, `${at}.resourceClaimName`, direct, checkDnsSubdomain);
    if (template !== undefined) {
      checkFormat(errors, `${at}.resourceClaimTemplateName`, template, checkDnsSubdomain);
    }
  });
  names.delete("");
  return names;
}

/** On the host's network a port is the host's own; in a template it may be left open. */
function validateHostNetworkPorts(spec: V1PodSpec, isPod: boolean, path: string, errors: FieldError[]): void {
  (spec.containers ?? []).forEach(({ ports = [] }, index) => {
    ports.forEach(({ hostPort = 0, containerPort }, position) => {
      if (hostPort === containerPort || (!isPod && hostPort === 0)) return;
      const field = `${path}.containers[${index}].ports[${position}].hostPort`;
      errors.push(invalidField(field, hostPort, "must match `containerPort` when `hostNetwork` is true"));
    });
  });
}

function validateGates(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  spec.readinessGates?.forEach(({ conditionType }, index) => {
    checkFormat(errors, `${path}.readinessGates[${index}].conditionType`, conditionType, checkQualifiedName);
  });
  const seen = new Set<string>();
  spec.schedulingGates?.forEach(({ name }, index) => {
    const at = `${path}.schedulingGates[${index}]`;
    checkFormat(errors, at, name, checkQualifiedName);
    if (seen.has(name)) errors.push(duplicateField(at, name));
    seen.add(name);
  });
}

const hostNamespaces = [
  ["hostNetwork", "hostNetwork"],
  ["hostPID", "HostPID"],
  ["hostIPC", "HostIPC"],
] as const;

/** Users of a Pod's own go neither with the host's namespaces nor with raw devices. */
function validateHostUsers(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  if (spec.hostUsers ?? true) return;
  const detail = "when `hostUsers` is false";
  for (const [field, shown] of hostNamespaces) {
    if (spec[field]) errors.push(forbiddenField(`${path}.${shown}`, detail));
  }
  eachContainer(spec, path, ({ volumeDevices }, at) => {
    if (volumeDevices?.length) errors.push(forbiddenField(`${at}.volumeDevices`, detail));
  });
}

/** Names, times and lists that stand for themselves, in upstream's order. */
function validatePlainFields(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  const check = (field: keyof V1PodSpec, value: string | undefined, format: FormatCheck) => {
    if (value) checkFormat(errors, `${path}.${field}`, value, format);
  };
  if (spec.hostnameOverride !== undefined) validateHostnameOverride(spec, path, errors);
  check("serviceAccountName", spec.serviceAccountName, checkDnsSubdomain);
  check("nodeName", spec.nodeName, checkDnsSubdomain);
  validateDeadline(spec.activeDeadlineSeconds, path, errors);
  check("hostname", spec.hostname, checkDnsLabel);
  check("subdomain", spec.subdomain, checkDnsLabel);
  if (spec.tolerations) validateTolerations(spec.tolerations, `${path}.tolerations`, errors);
  if (spec.hostAliases) validateHostAliases(spec.hostAliases, `${path}.hostAliases`, errors);
  check("priorityClassName", spec.priorityClassName, checkDnsSubdomain);
  if (spec.runtimeClassName !== undefined) {
    checkFormat(errors, `${path}.runtimeClassName`, spec.runtimeClassName, checkDnsSubdomain);
  }
  if (spec.preemptionPolicy !== undefined) {
    checkRequiredOneOf(errors, `${path}.preemptionPolicy`, spec.preemptionPolicy, preemptionPolicies);
  }
}

function validateHostnameOverride(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  const field = `${path}.hostnameOverride`;
  const { hostnameOverride = "", setHostnameAsFQDN, hostNetwork } = spec;
  if (setHostnameAsFQDN) {
    errors.push(forbiddenField(field, "may not be specified when setHostnameAsFQDN is true"));
  }
  if (hostNetwork) errors.push(forbiddenField(field, "may not be specified when hostNetwork is true"));
  if (hostnameOverride.length > maxHostnameLength) errors.push(tooLongField(field, maxHostnameLength));
  checkFormat(errors, field, hostnameOverride, checkDnsSubdomain);
}

function validateDeadline(seconds: number | undefined, path: string, errors: FieldError[]): void {
  if (seconds === undefined || (seconds >= 1 && seconds <= maxInt32)) return;
  errors.push(invalidField(`${path}.activeDeadlineSeconds`, seconds, rangeMessage(1, maxInt32)));
}
