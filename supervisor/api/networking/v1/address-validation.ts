/** Validation of IPAddresses and ServiceCIDRs, with the texts of kubernetes `pkg/apis/networking/validation`. */
import {
  type FieldError,
  immutableField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { checkFormat, checkRequiredFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { checkCidr, parseCidr } from "../../../apimachinery/validation/ip-formats.ts";
import { checkPathSegment } from "../../../apimachinery/validation/path-segment.ts";
import type { V1IPAddress, V1ServiceCIDR } from "../../generated/types.ts";

type IpAddress = Pick<V1IPAddress, "spec">;
type ServiceCidr = Pick<V1ServiceCIDR, "spec">;

const parentPath = "spec.parentRef";
const cidrsPath = "spec.cidrs";

export function validateIpAddress({ spec }: IpAddress): FieldError[] {
  const parent = spec?.parentRef;
  if (parent === undefined) return [requiredField(parentPath)];
  const errors: FieldError[] = [];
  const { group, resource, name, namespace } = parent;
  if (group) checkFormat(errors, `${parentPath}.group`, group, checkDnsSubdomain);
  checkRequiredFormat(errors, `${parentPath}.resource`, resource, checkPathSegment);
  checkRequiredFormat(errors, `${parentPath}.name`, name, checkPathSegment);
  if (namespace) checkFormat(errors, `${parentPath}.namespace`, namespace, checkPathSegment);
  return errors;
}

export function validateIpAddressUpdate(address: IpAddress, old: IpAddress): FieldError[] {
  const parent = address.spec?.parentRef;
  return equalJson(parent, old.spec?.parentRef) ? [] : [immutableField(parentPath, parent)];
}

export function validateServiceCidr({ spec }: ServiceCidr): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [requiredField(cidrsPath, "at least one CIDR required")];
  // Upstream shows the whole spec, with Go's names.
  const shown = { CIDRs: cidrs };
  if (cidrs.length > 2) return [invalidField(cidrsPath, shown, "may only hold up to 2 values")];
  const families = new Set(cidrs.map((cidr) => parseCidr(cidr)?.family));
  if (cidrs.length === 2 && (families.size < 2 || families.has(undefined))) {
    const detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
    return [invalidField(cidrsPath, shown, detail)];
  }
  const errors: FieldError[] = [];
  cidrs.forEach((cidr, index) => {
    checkFormat(errors, `${cidrsPath}[${index}]`, cidr, checkCidr);
  });
  return errors;
}

/** The networks stay; a cluster of one family may get the other one. */
export function validateServiceCidrUpdate({ spec }: ServiceCidr, old: ServiceCidr): FieldError[] {
  const [cidrs, before] = [spec?.cidrs ?? [], old.spec?.cidrs ?? []];
  if (equalJson(cidrs, before)) return [];
  if (before.length === 1 && cidrs.length === 2) {
    if (cidrs[0] === before[0]) return validateServiceCidr(spec === undefined ? {} : { spec });
    return [immutableField(`${cidrsPath}[0]`, cidrs[0])];
  }
  return [immutableField(cidrsPath, cidrs)];
}
