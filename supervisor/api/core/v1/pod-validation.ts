/** Validation of a Pod's spec, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  nonNegativeMessage,
  rangeMessage,
} from "../../../apimachinery/validation/formats.ts";
import { validateLabels } from "../../../apimachinery/validation/object-meta.ts";
import type { V1PodSpec, V1Toleration } from "../../generated/types.ts";
import { validateContainer } from "./container-validation.ts";
import { validateVolumes } from "./volume-validation.ts";

const restartPolicies = ["Always", "OnFailure", "Never"];
const dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const maxInt32 = 2 ** 31 - 1;

export function validatePodSpec(spec: V1PodSpec | undefined): FieldError[] {
  if (spec === undefined) return [requiredField("spec.containers")];
  const errors: FieldError[] = [];
  const volumes = validateVolumes(spec.volumes ?? [], "spec.volumes", errors);
  validateContainers(spec, volumes, errors);
  validateChoices(spec, errors);
  validateSeconds(spec, errors);
  validateNames(spec, errors);
  validateLabels(spec.nodeSelector, "spec.nodeSelector", errors);
  (spec.tolerations ?? []).forEach((toleration, index) => {
    validateToleration(toleration, `spec.tolerations[${index}]`, errors);
  });
  return errors;
}

function validateContainers(spec: V1PodSpec, volumes: ReadonlySet<string>, errors: FieldError[]): void {
  if ((spec.containers ?? []).length === 0) errors.push(requiredField("spec.containers"));
  const names = new Set<string>();
  const hostPorts = new Set<string>();
  for (const field of ["containers", "initContainers", "ephemeralContainers"] as const) {
    (spec[field] ?? []).forEach((container, index) => {
      const path = `spec.${field}[${index}]`;
      validateContainer(container, path, { volumes, hostPorts, isInit: field === "initContainers" }, errors);
      if (names.has(container.name)) errors.push(duplicateField(`${path}.name`, container.name));
      names.add(container.name);
    });
  }
}

function validateChoices(spec: V1PodSpec, errors: FieldError[]): void {
  if (!spec.restartPolicy) errors.push(requiredField("spec.restartPolicy"));
  else if (!restartPolicies.includes(spec.restartPolicy)) {
    errors.push(notSupportedField("spec.restartPolicy", spec.restartPolicy, [...restartPolicies].sort()));
  }
  if (!spec.dnsPolicy) errors.push(requiredField("spec.dnsPolicy"));
  else if (!dnsPolicies.includes(spec.dnsPolicy)) {
    errors.push(notSupportedField("spec.dnsPolicy", spec.dnsPolicy, dnsPolicies));
  }
  if (spec.dnsPolicy === "None" && !spec.dnsConfig?.nameservers?.length) {
    const detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    errors.push(requiredField("spec.dnsConfig.nameservers", detail));
  }
}

function validateSeconds(spec: V1PodSpec, errors: FieldError[]): void {
  const { terminationGracePeriodSeconds: grace, activeDeadlineSeconds: deadline } = spec;
  if (grace === undefined) errors.push(requiredField("spec.terminationGracePeriodSeconds"));
  else if (grace < 0) {
    errors.push(invalidField("spec.terminationGracePeriodSeconds", grace, nonNegativeMessage));
  }
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32)) {
    errors.push(invalidField("spec.activeDeadlineSeconds", deadline, rangeMessage(1, maxInt32)));
  }
}

function validateNames(spec: V1PodSpec, errors: FieldError[]): void {
  const checks = [
    ["serviceAccountName", spec.serviceAccountName, checkDnsSubdomain],
    ["nodeName", spec.nodeName, checkDnsSubdomain],
    ["hostname", spec.hostname, checkDnsLabel],
    ["subdomain", spec.subdomain, checkDnsLabel],
    ["priorityClassName", spec.priorityClassName, checkDnsSubdomain],
    ["runtimeClassName", spec.runtimeClassName, checkDnsSubdomain],
  ] as const;
  for (const [field, value, check] of checks) {
    if (!value) continue;
    for (const message of check(value)) errors.push(invalidField(`spec.${field}`, value, message));
  }
}

function validateToleration(toleration: V1Toleration, path: string, errors: FieldError[]): void {
  const { key = "", operator = "Equal", value = "", effect = "", tolerationSeconds } = toleration;
  if (key === "" && operator !== "Exists") {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidField(`${path}.operator`, toleration.operator ?? "", detail));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errors.push(invalidField(`${path}.effect`, effect, detail));
  }
  if (operator === "Exists" && value !== "") {
    errors.push(
      invalidField(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"),
    );
  }
  if (operator !== "Exists" && operator !== "Equal") {
    errors.push(notSupportedField(`${path}.operator`, operator, ["Equal", "Exists"]));
  }
  const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
  if (effect !== "" && !effects.includes(effect)) {
    errors.push(notSupportedField(`${path}.effect`, effect, effects));
  }
}
