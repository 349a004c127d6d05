/** Validation of Nodes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkLabelValue, checkQualifiedName } from "../../../../apimachinery/validation/formats.ts";
import type { V1Node, V1Taint } from "../../../generated/types.ts";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateNode(node: Pick<V1Node, "spec">): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  (node.spec?.taints ?? []).forEach((taint, index) => {
    const path = `metadata.taints[${index}]`;
    validateTaint(taint, path, errors);
    const identity = `${taint.effect}:${taint.key}`;
    if (seen.has(identity)) errors.push(duplicateField(path, taint));
    seen.add(identity);
  });
  (node.spec?.podCIDRs ?? []).forEach((cidr, index) => {
    if (!isCidr(cidr)) {
      const detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
      errors.push(invalidField(`spec.podCIDRs[${index}]`, cidr, detail));
    }
  });
  return errors;
}

function validateTaint(taint: V1Taint, path: string, errors: FieldError[]): void {
  if (!taint.key) errors.push(requiredField(`${path}.key`));
  else {
    for (const message of checkQualifiedName(taint.key)) {
      errors.push(invalidField(`${path}.key`, taint.key, message));
    }
  }
  for (const message of checkLabelValue(taint.value ?? "")) {
    errors.push(invalidField(`${path}.value`, taint.value, message));
  }
  if (!taint.effect) errors.push(requiredField(`${path}.effect`));
  else if (!effects.includes(taint.effect)) {
    errors.push(notSupportedField(`${path}.effect`, taint.effect, effects));
  }
}

function isCidr(text: string): boolean {
  const match = /^(.+)\/(\d{1,3})$/.exec(text);
  if (match === null) return false;
  const [, address = "", prefix = ""] = match;
  const isV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(address);
  return isV4 ? Number(prefix) <= 32 : /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(address) && Number(prefix) <= 128;
}

/** A node's addresses of Pods and its provider's name are given once. */
export function validateNodeUpdate(node: Pick<V1Node, "spec">, old: Pick<V1Node, "spec">): FieldError[] {
  const errors: FieldError[] = [];
  const before = old.spec?.podCIDRs ?? [];
  const after = node.spec?.podCIDRs ?? [];
  if (before.length > 0 && before.join() !== after.join()) {
    errors.push(
      forbiddenField("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'),
    );
  }
  if (old.spec?.providerID && old.spec.providerID !== (node.spec?.providerID ?? "")) {
    const detail = 'node updates may not change providerID except from "" to valid';
    errors.push(forbiddenField("spec.providerID", detail));
  }
  return errors;
}
