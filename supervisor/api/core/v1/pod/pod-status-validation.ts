/** Validation of what is reported about a Pod, with the texts of kubernetes `ValidatePodStatusUpdate`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain, checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import { checkLegacyIp, parseIp } from "../../../../apimachinery/validation/ip-formats.ts";
import type { V1Container, V1ContainerStatus, V1PodSpec, V1PodStatus } from "../../../generated/types.ts";
import { validatePodAnnotationsUpdate } from "./pod-annotations-validation.ts";
import type { ValidatedPod } from "./pod-validation.ts";

interface ReportedPod extends ValidatedPod {
  readonly status?: V1PodStatus;
}

const systemConditions: ReadonlySet<string> = new Set(["PodScheduled", "Ready", "Initialized"]);

export function validatePodStatusUpdate(pod: ReportedPod, old: ReportedPod): FieldError[] {
  const errors: FieldError[] = [];
  const status = pod.status ?? {};
  const before = old.status ?? {};
  validatePodAnnotationsUpdate(pod.metadata.annotations, old.metadata.annotations, errors);
  status.conditions?.forEach(({ type, observedGeneration }, index) => {
    const path = `status.conditions[${index}]`;
    validateGeneration(observedGeneration, `${path}.observedGeneration`, errors);
    // Upstream names the type so.
    if (!systemConditions.has(type)) checkFormat(errors, `${path}.Type`, type, checkQualifiedName);
  });
  validateNomination(status, before, old.spec, errors);
  validateGeneration(status.observedGeneration, "status.observedGeneration", errors);
  if ((status.qosClass ?? "") !== (before.qosClass ?? "")) {
    errors.push(immutableField("status.qosClass", status.qosClass ?? ""));
  }
  validateTransitions(status, before, old.spec, errors);
  validateClaimStatuses(status, pod.spec, errors);
  validatePodIps(status, before, errors);
  validateHostIps(status, before, errors);
  return errors;
}

function validateGeneration(generation: number | undefined, field: string, errors: FieldError[]): void {
  if ((generation ?? 0) < 0) errors.push(invalidField(field, generation, "must be a non-negative integer"));
}

/** A node is nominated only for a Pod that has none. */
function validateNomination(
  { nominatedNodeName: name }: V1PodStatus,
  before: V1PodStatus,
  spec: V1PodSpec | undefined,
  errors: FieldError[],
): void {
  if (!name || name === before.nominatedNodeName) return;
  const field = "status.nominatedNodeName";
  checkFormat(errors, field, name, checkDnsSubdomain);
  if (!spec?.nodeName) return;
  errors.push(forbiddenField(field, "may not be set on pods that are already bound to a node"));
}

/** A container that has ended for good does not run again. */
function validateTransitions(
  status: V1PodStatus,
  before: V1PodStatus,
  spec: V1PodSpec | undefined,
  errors: FieldError[],
): void {
  const policy = spec?.restartPolicy ?? "Always";
  const { containers = [], initContainers = [] } = spec ?? {};
  // Upstream's `AllContainersCouldRestart`: such a rule makes all of the Pod's containers begin anew.
  const couldRestartAll = [...containers, ...initContainers].some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
  );
  const mayRestart = (list: readonly V1Container[]) => {
    return ({ name, state }: V1ContainerStatus) => {
      const container = list.find((one) => one.name === name);
      const exitCode = state?.terminated?.exitCode ?? 0;
      return couldRestartAll || (container !== undefined && shouldRestart(container, policy, exitCode));
    };
  };
  const lists = [
    ["containerStatuses", mayRestart(containers)],
    ["initContainerStatuses", mayRestart(initContainers)],
    ["ephemeralContainerStatuses", () => false],
  ] as const;
  for (const [field, isAllowed] of lists) {
    before[field]?.forEach((one, index) => {
      if (one.state?.terminated === undefined || isAllowed(one)) return;
      const now = status[field]?.find(({ name }) => name === one.name);
      if (now === undefined || now.state?.terminated !== undefined) return;
      const detail = "may not be transitioned to non-terminated state";
      errors.push(forbiddenField(`status.${field}[${index}].state`, detail));
    });
  }
}

/** Whether a container runs again after this exit code: its own rules and policy go before its Pod's. */
function shouldRestart(container: V1Container, podPolicy: string, exitCode: number): boolean {
  const { restartPolicy, restartPolicyRules = [] } = container;
  const matches = restartPolicyRules.some(({ exitCodes }) => {
    const isNamed = exitCodes?.values?.includes(exitCode) ?? false;
    return exitCodes?.operator === "In" ? isNamed : exitCodes?.operator === "NotIn" && !isNamed;
  });
  if (restartPolicy !== undefined && matches) return true;
  const policy = restartPolicy ?? podPolicy;
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

function validateClaimStatuses(status: V1PodStatus, spec: V1PodSpec | undefined, errors: FieldError[]): void {
  const names = new Set<string>();
  status.resourceClaimStatuses?.forEach(({ name, resourceClaimName }, index) => {
    const field = `status.resourceClaimStatuses[${index}].name`;
    if (!spec?.resourceClaims?.some((claim) => claim.name === name)) {
      const detail = "must match the name of an entry in `spec.resourceClaims`";
      errors.push(invalidField(field, name, detail));
    }
    if (names.has(name)) errors.push(duplicateField(field, name));
    names.add(name);
    if (resourceClaimName !== undefined) checkFormat(errors, field, resourceClaimName, checkDnsSubdomain);
  });
}

type Addresses = ReadonlyArray<{ readonly ip: string }>;

function validatePodIps({ podIPs = [] }: V1PodStatus, before: V1PodStatus, errors: FieldError[]): void {
  validateAddresses(podIPs, before.podIPs ?? [], "status.podIPs", errors);
}

function validateHostIps(
  { hostIP = "", hostIPs = [] }: V1PodStatus,
  before: V1PodStatus,
  errors: FieldError[],
): void {
  const [first] = hostIPs;
  if (first === undefined) return;
  if (hostIP !== first.ip) {
    errors.push(invalidField("status.hostIPs[0].ip", first.ip, "must be equal to `hostIP`"));
  }
  validateAddresses(hostIPs, before.hostIPs ?? [], "status.hostIPs", errors);
}

/** At most one address of each family; what was there before may stay, whatever it is. */
function validateAddresses(list: Addresses, before: Addresses, field: string, errors: FieldError[]): void {
  list.forEach(({ ip }, index) => {
    if (before.some((old) => old.ip === ip)) return;
    checkFormat(errors, `${field}[${index}]`, ip, checkLegacyIp);
  });
  if (list.length < 2) return;
  const families = new Set(list.map(({ ip }) => parseIp(ip)?.family));
  if (list.length > 2 || families.size < list.length) {
    errors.push(invalidField(field, list, "may specify no more than one IP for each IP family"));
  }
}
