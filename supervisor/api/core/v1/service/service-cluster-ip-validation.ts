/** Validation of a Service's addresses and their families (kubernetes `pkg/apis/core/validation`). */
import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat, checkOneOf } from "../../../../apimachinery/validation/field-checks.ts";
import { checkLegacyIp, type IpFamily, parseIp } from "../../../../apimachinery/validation/ip-formats.ts";
import type { V1ServiceSpec } from "../../../generated/types.ts";
import { isHeadless } from "./service-needs.ts";

const families = ["IPv4", "IPv6"];
const familyPolicies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const ipsPath = "spec.clusterIPs";

/** The family of an address that was found good. */
export function familyOf(ip: string): IpFamily {
  return ip.includes(":") ? "IPv6" : "IPv4";
}

export function validateClusterIps(spec: V1ServiceSpec): FieldError[] {
  const { type, clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (type === "ExternalName") return [];
  const errors: FieldError[] = [];
  if (clusterIP === "") {
    const detail = "must be empty when `clusterIP` is not specified";
    if (clusterIPs.length > 0) errors.push(invalidField(ipsPath, clusterIPs, detail));
  } else if (clusterIPs.length === 0) errors.push(requiredField(ipsPath));
  else if (clusterIPs[0] !== clusterIP) {
    errors.push(invalidField(ipsPath, clusterIPs, "first value must match `clusterIP`"));
  }
  ipFamilies.forEach((family, index) => {
    const path = `spec.ipFamilies[${index}]`;
    checkOneOf(errors, path, family, families);
    if (ipFamilies.indexOf(family) < index) errors.push(duplicateField(path, family));
  });
  if (ipFamilyPolicy !== undefined) {
    checkOneOf(errors, "spec.ipFamilyPolicy", ipFamilyPolicy, familyPolicies);
  }
  const before = errors.length;
  validateEach(clusterIPs, errors);
  const areGood = errors.length === before;
  if (clusterIPs.length > 2) {
    errors.push(invalidField(ipsPath, clusterIPs, "may only hold up to 2 values"));
  }
  if (areGood) validateFamilies(spec, errors);
  return errors;
}

function validateEach(clusterIPs: readonly string[], errors: FieldError[]): void {
  clusterIPs.forEach((ip, index) => {
    if (index > 0 || ip !== "None") {
      checkFormat(errors, `${ipsPath}[${index}]`, ip, checkLegacyIp);
    } else if (clusterIPs.length > 1) {
      errors.push(invalidField(ipsPath, clusterIPs, "'None' must be the first and only value"));
    }
  });
}

function validateFamilies(spec: V1ServiceSpec, errors: FieldError[]): void {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  if (
    clusterIPs.length > 1 &&
    new Set(clusterIPs.map((ip) => parseIp(ip)?.family)).size < clusterIPs.length
  ) {
    const detail = "may specify no more than one IP for each IP family";
    errors.push(invalidField(ipsPath, clusterIPs, detail));
  }
  if (isHeadless(spec)) return;
  clusterIPs.slice(0, ipFamilies.length).forEach((ip, index) => {
    const family = ipFamilies[index] ?? "";
    if (!families.includes(family) || familyOf(ip) === family) return;
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    errors.push(invalidField(`${ipsPath}[${index}]`, ip, detail));
  });
}

/** The first address and family stay; the second may come and go with the policy. */
export function validateClusterIpsUpdate(spec: V1ServiceSpec, old: V1ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return [];
  const errors: FieldError[] = [];
  const [isNone, wasNone] = [isHeadless(spec), isHeadless(old)];
  if (!(isNone && wasNone)) {
    const values = { now: spec.clusterIPs ?? [], before: old.clusterIPs ?? [] };
    validateKept(values, { path: ipsPath, what: "clusterIP", policy: spec.ipFamilyPolicy }, errors);
  }
  if (!isNone && !wasNone) {
    const values = { now: spec.ipFamilies ?? [], before: old.ipFamilies ?? [] };
    const path = "spec.ipFamilies";
    validateKept(values, { path, what: "ipFamily", policy: spec.ipFamilyPolicy }, errors);
  }
  return errors;
}

function validateKept(
  { now, before }: { readonly now: readonly string[]; readonly before: readonly string[] },
  about: { readonly path: string; readonly what: string; readonly policy: string | undefined },
  errors: FieldError[],
): void {
  const { path, what } = about;
  const changed = (index: number) =>
    errors.push(invalidField(`${path}[${index}]`, now, "may not change once set"));
  if (now.length === before.length) {
    before.forEach((value, index) => {
      // Upstream names the first family, whichever changed.
      if (now[index] !== value) changed(what === "ipFamily" ? 0 : index);
    });
    return;
  }
  if (now.length === 0) errors.push(invalidField(`${path}[0]`, now, `primary ${what} can not be unset`));
  else if (before.length > 0 && now[0] !== before[0]) changed(0);
  if (now.length === 1 && before.length > 1 && about.policy !== "SingleStack") {
    const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`;
    errors.push(invalidField("spec.ipFamilyPolicy", about.policy, detail));
  }
}
