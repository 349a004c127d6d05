/** Validation of Nodes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { equalJson } from "../../../../apimachinery/json/json-value.ts";
import { isWholeQuantity } from "../../../../apimachinery/quantity.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkLabelValue,
  checkQualifiedName,
  nonNegativeMessage,
} from "../../../../apimachinery/validation/formats.ts";
import { checkLegacyCidr, parseCidr } from "../../../../apimachinery/validation/ip-formats.ts";
import type { V1Node, V1Taint } from "../../../generated/types.ts";
import { isExtendedResource } from "../resource-names.ts";

type Node = Pick<V1Node, "spec" | "status">;
type Amounts = Readonly<Record<string, string>>;

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const podCidrsPath = "spec.podCIDRs";

export function validateNode({ spec = {}, status = {} }: Node): FieldError[] {
  const errors: FieldError[] = [];
  validateTaints(spec.taints ?? [], errors);
  validateAmounts(status.capacity, "status.capacity", errors);
  validateAmounts(status.allocatable, "status.allocatable", errors);
  const { podCIDRs = [] } = spec;
  podCIDRs.forEach((cidr, index) => {
    checkFormat(errors, `${podCidrsPath}[${index}]`, cidr, checkLegacyCidr);
  });
  const families = new Set(podCIDRs.map((cidr) => parseCidr(cidr)?.family));
  if (podCIDRs.length > 1 && (families.size < podCIDRs.length || podCIDRs.length > 2)) {
    const detail = "may specify no more than one CIDR for each IP family";
    errors.push(invalidField(podCidrsPath, podCIDRs, detail));
  }
  return errors;
}

function validateTaints(taints: readonly V1Taint[], errors: FieldError[]): void {
  const seen = new Set<string>();
  taints.forEach((taint, index) => {
    // Upstream names them so.
    const path = `metadata.taints[${index}]`;
    const { key, value = "", effect } = taint;
    checkFormat(errors, `${path}.key`, key, checkQualifiedName);
    const complaints = checkLabelValue(value);
    if (complaints.length > 0) errors.push(invalidField(`${path}.value`, value, complaints.join(";")));
    if (!effect) errors.push(requiredField(`${path}.effect`));
    else if (!effects.includes(effect)) errors.push(notSupportedField(`${path}.effect`, effect, effects));
    const identity = `${effect}:${key}`;
    if (seen.has(identity)) errors.push(repeatedTaint(path, taint));
    seen.add(identity);
  });
}

/** The taint is shown as its Go type. */
function repeatedTaint(path: string, { key, value = "", effect, timeAdded }: V1Taint): FieldError {
  const shown = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null };
  const { body, ...error } = duplicateField(path, shown);
  return { ...error, body: `${body}: taints must be unique by key and effect pair` };
}

/** Upstream names each resource as if it were a field. */
function validateAmounts(amounts: Amounts | undefined, path: string, errors: FieldError[]): void {
  for (const name in amounts) {
    const amount = amounts[name] ?? "0";
    if (amount.startsWith("-")) errors.push(invalidField(`${path}.${name}`, amount, nonNegativeMessage));
    if (isExtendedResource(name) && !isWholeQuantity(amount)) {
      errors.push(invalidField(`${path}.${name}`, amount, "must be an integer"));
    }
  }
}

/** A node's networks of Pods and its provider's name are given once; its addresses differ. */
export function validateNodeUpdate({ spec = {}, status = {} }: Node, { spec: old = {} }: Node): FieldError[] {
  const errors: FieldError[] = [];
  validateAmounts(status.capacity, "status.capacity", errors);
  validateAmounts(status.allocatable, "status.allocatable", errors);
  const seen = new Set<string>();
  (status.addresses ?? []).forEach(({ type, address }, index) => {
    const identity = `${type} ${address}`;
    const shown = { Type: type, Address: address };
    if (seen.has(identity)) errors.push(duplicateField(`status.addresses[${index}]`, shown));
    seen.add(identity);
  });
  if (old.podCIDRs?.length && !equalJson(old.podCIDRs, spec.podCIDRs ?? [])) {
    const detail = 'node updates may not change podCIDR except from "" to valid';
    errors.push(forbiddenField(podCidrsPath, detail));
  }
  if (old.providerID && old.providerID !== (spec.providerID ?? "")) {
    const detail = 'node updates may not change providerID except from "" to valid';
    errors.push(forbiddenField("spec.providerID", detail));
  }
  if ((spec.externalID ?? "") !== (old.externalID ?? "")) {
    errors.push(forbiddenField("spec.externalID", "may not be updated"));
  }
  return errors;
}
