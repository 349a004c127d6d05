/** Validation of security contexts, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkId } from "../../../../apimachinery/validation/formats.ts";
import type { V1PodSecurityContext, V1PodSpec, V1SecurityContext } from "../../../generated/types.ts";
import { validateAppArmor, validateSeccomp } from "./profile-validation.ts";
import { sysctlNamespace } from "./sysctl-namespace.ts";
import { validateWindowsOptions } from "./windows-validation.ts";

const procMounts = ["Default", "Unmasked"];
const changePolicies = ["Always", "OnRootMismatch"];
const groupPolicies = ["Merge", "Strict"];
/** Mounting with a label is a feature of its own, which is off in 1.36. */
const seLinuxPolicies = ["Recursive"];

const maxSysctlLength = 253;
const sysctlRegex = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
const sysctlPattern = new RegExp(sysctlRegex);

function validateIds(
  context: Pick<V1PodSecurityContext, "fsGroup" | "runAsUser" | "runAsGroup">,
  path: string,
  errors: FieldError[],
): void {
  for (const field of ["fsGroup", "runAsUser", "runAsGroup"] as const) {
    const id = context[field];
    if (id === undefined) continue;
    for (const message of checkId(id)) errors.push(invalidField(`${path}.${field}`, id, message));
  }
}

export function validatePodSecurityContext(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  const { securityContext: context } = spec;
  if (context === undefined) return;
  validateIds(context, path, errors);
  (context.supplementalGroups ?? []).forEach((id, index) => {
    const field = `${path}.supplementalGroups[${index}]`;
    for (const message of checkId(id)) errors.push(invalidField(field, id, message));
  });
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalidField(`${path}.shareProcessNamespace`, true, detail));
  }
  if (context.sysctls) validateSysctls(spec, context.sysctls, `${path}.sysctls`, errors);
  validateChoice(context.fsGroupChangePolicy, changePolicies, `${path}.fsGroupChangePolicy`, errors);
  validateSeccomp(context.seccompProfile, `${path}.seccompProfile`, errors);
  validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`, errors);
  validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, errors);
  validateChoice(context.supplementalGroupsPolicy, groupPolicies, `${path}.supplementalGroupsPolicy`, errors);
  validateChoice(context.seLinuxChangePolicy, seLinuxPolicies, `${path}.seLinuxChangePolicy`, errors);
}

function validateChoice(
  value: string | undefined,
  supported: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  if (value !== undefined && !supported.includes(value)) {
    errors.push(notSupportedField(path, value, supported));
  }
}

function validateSysctls(
  spec: V1PodSpec,
  sysctls: NonNullable<V1PodSecurityContext["sysctls"]>,
  path: string,
  errors: FieldError[],
): void {
  const names = new Set<string>();
  sysctls.forEach(({ name }, index) => {
    const field = `${path}[${index}].name`;
    if (!name) errors.push(requiredField(field));
    else if (name.length > maxSysctlLength || !sysctlPattern.test(name)) {
      const detail = `must have at most ${maxSysctlLength} characters and match regex ${sysctlRegex}`;
      errors.push(invalidField(field, name, detail));
    } else if (names.has(name)) errors.push(duplicateField(field, name));
    const namespace = sysctlNamespace(name);
    if (spec.hostNetwork && namespace === "net") {
      errors.push(invalidField(field, name, "may not be specified when 'hostNetwork' is true"));
    } else if (spec.hostIPC && namespace === "ipc") {
      errors.push(invalidField(field, name, "may not be specified when 'hostIPC' is true"));
    }
    names.add(name);
  });
}

/** `hostUsers` tells whether the Pod shares the host's users. */
export function validateSecurityContext(
  context: V1SecurityContext | undefined,
  hostUsers: boolean,
  path: string,
  errors: FieldError[],
): void {
  if (context === undefined) return;
  validateIds(context, path, errors);
  const { procMount, allowPrivilegeEscalation, privileged, capabilities } = context;
  validateChoice(procMount, procMounts, `${path}.procMount`, errors);
  if (hostUsers && procMount === "Unmasked") {
    const detail = "`hostUsers` must be false to use `Unmasked`";
    errors.push(invalidField(`${path}.procMount`, procMount, detail));
  }
  validateSeccomp(context.seccompProfile, `${path}.seccompProfile`, errors);
  if (allowPrivilegeEscalation === false) {
    if (privileged) {
      const detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
      errors.push(invalidField(path, context, detail));
    }
    if (capabilities?.add?.includes("CAP_SYS_ADMIN")) {
      const detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
      errors.push(invalidField(path, context, detail));
    }
  }
  validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`, errors);
  validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, errors);
}
