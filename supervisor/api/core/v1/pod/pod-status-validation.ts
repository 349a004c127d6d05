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
import type { V1ContainerStatus, V1PodSpec, V1PodStatus } from "../../../generated/types.ts";
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
  status.conditions?.forEach(({ type }, index) => {
    if (systemConditions.has(type)) return;
    // Upstream names the conditions so.
    checkFormat(errors, `metadata.conditions[${index}].Type`, type, checkQualifiedName);
  });
  const { nominatedNodeName } = status;
  if (nominatedNodeName && nominatedNodeName !== before.nominatedNodeName) {
    checkFormat(errors, "status.nominatedNodeName", nominatedNodeName, checkDnsSubdomain);
  }
  if ((status.qosClass ?? "") !== (before.qosClass ?? "")) {
    errors.push(immutableField("status.qosClass", status.qosClass ?? ""));
  }
  validateTransitions(status, before, old.spec, errors);
  validateClaimStatuses(status, pod.spec, errors);
  validatePodIps(status, errors);
  validateHostIps(status, errors);
  return errors;
}

/** A container that has ended for good does not run again. */
function validateTransitions(
  status: V1PodStatus,
  before: V1PodStatus,
  spec: V1PodSpec | undefined,
  errors: FieldError[],
): void {
  const policy = spec?.restartPolicy ?? "Always";
  const own = new Map(
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].map((container) => [
      container.name,
      container,
    ]),
  );
  // Upstream's `AllContainersCouldRestart`: such a rule makes all of the Pod's containers begin anew.
  const couldRestartAll = [...own.values()].some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
  );
  const mayRestart = ({ name, state }: V1ContainerStatus) => {
    if (couldRestartAll) return true;
    const container = own.get(name);
    if (container?.restartPolicyRules?.length) return true;
    const effective = container?.restartPolicy ?? policy;
    return effective === "Always" || (effective === "OnFailure" && state?.terminated?.exitCode !== 0);
  };
  const never = () => false;
  const lists = [
    ["containerStatuses", mayRestart],
    ["initContainerStatuses", (one: V1ContainerStatus) => policy === "Always" || mayRestart(one)],
    ["ephemeralContainerStatuses", never],
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

function validatePodIps({ podIPs = [] }: V1PodStatus, errors: FieldError[]): void {
  const field = "status.podIPs";
  podIPs.forEach(({ ip }, index) => {
    checkFormat(errors, `${field}[${index}]`, ip, checkLegacyIp);
  });
  validateFamilies(podIPs, field, errors);
}

function validateHostIps({ hostIP = "", hostIPs = [] }: V1PodStatus, errors: FieldError[]): void {
  const field = "status.hostIPs";
  const [first] = hostIPs;
  if (first === undefined) return;
  if (hostIP !== first.ip) {
    errors.push(invalidField(`${field}[0].ip`, first.ip, "must be equal to `hostIP`"));
  }
  hostIPs.forEach(({ ip }, index) => {
    checkFormat(errors, `${field}[${index}]`, ip, checkLegacyIp);
  });
  validateFamilies(hostIPs, field, errors);
}

/** At most one address of each family. */
function validateFamilies(
  list: ReadonlyArray<{ readonly ip: string }>,
  field: string,
  errors: FieldError[],
): void {
  if (list.length < 2) return;
  const families = new Set(list.map(({ ip }) => parseIp(ip)?.family));
  if (list.length > 2 || families.size < list.length) {
    errors.push(invalidField(field, list, "may specify no more than one IP for each IP family"));
  }
  const seen = new Set<string>();
  list.forEach((entry, index) => {
    if (seen.has(entry.ip)) errors.push(duplicateField(`${field}[${index}]`, entry));
    seen.add(entry.ip);
  });
}
