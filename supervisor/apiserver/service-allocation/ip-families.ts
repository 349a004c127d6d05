/** Which families of addresses a Service has (kubernetes `pkg/registry/core/service/storage/alloc.go`). */
import { familyOf, validateClusterIps } from "../../api/core/v1/service/service-cluster-ip-validation.ts";
import type { V1ServiceSpec } from "../../api/generated/types.ts";
import { type FieldError, invalidField } from "../../apimachinery/field-error.ts";
import { equalJson } from "../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../apimachinery/mutable.ts";
import { newInvalid } from "../../apimachinery/status-errors.ts";
import type { IpFamily } from "../../apimachinery/validation/ip-formats.ts";

type Spec = Mutable<V1ServiceSpec>;

const policyPath = "spec.ipFamilyPolicy";

function otherFamily(family: string): IpFamily {
  return family === "IPv4" ? "IPv6" : "IPv4";
}

function check(name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw newInvalid({ group: "", kind: "Service" }, name, errors);
}

/** A Service that prefers both families and has not changed in this is left as it is. */
export function isUnchangedPreference(spec: Spec, old: Spec | undefined): boolean {
  return (
    old !== undefined &&
    spec.ipFamilyPolicy === "PreferDualStack" &&
    old.ipFamilyPolicy === "PreferDualStack" &&
    equalJson(spec.clusterIPs ?? [], old.clusterIPs ?? []) &&
    equalJson(spec.ipFamilies ?? [], old.ipFamilies ?? [])
  );
}

/** Fills in policy and families for a cluster that has one family. Throws Invalid. */
export function setIpFamilies(name: string, spec: Spec, old: Spec | undefined, cluster: IpFamily): void {
  if (spec.type === "ExternalName" || isUnchangedPreference(spec, old)) return;
  const isSelectorless = Object.keys(spec.selector ?? {}).length === 0;
  const isOpenHeadless = spec.clusterIP === "None" && isSelectorless;
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (isOpenHeadless ? "RequireDualStack" : "SingleStack");
  check(name, validateClusterIps(spec));
  if (old !== undefined) shrink(name, spec, old);
  check(name, [...policyErrors(spec), ...inferFamilies(spec, cluster)]);
  const families = spec.ipFamilies ?? [];
  if (isOpenHeadless) {
    spec.ipFamilies = families.length === 0 ? [cluster] : families;
    const [first = cluster] = spec.ipFamilies;
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== "SingleStack") {
      spec.ipFamilies = [first, otherFamily(first)];
    }
    return;
  }
  check(name, clusterErrors(spec, cluster));
  if (families.length === 0) spec.ipFamilies = [cluster];
}

/** Lets go of a second address or family where the policy says one. */
function shrink(name: string, spec: Spec, old: Spec): void {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  const [oldIps, oldFamilies] = [old.clusterIPs ?? [], old.ipFamilies ?? []];
  if (spec.ipFamilyPolicy === "SingleStack") {
    if (equalJson(clusterIPs, oldIps) && clusterIPs.length > 1) spec.clusterIPs = clusterIPs.slice(0, 1);
    if (equalJson(ipFamilies, oldFamilies) && ipFamilies.length > 1) {
      spec.ipFamilies = ipFamilies.slice(0, 1);
    }
    return;
  }
  const errors: FieldError[] = [];
  const isReduced = (now: readonly string[], before: readonly string[]) =>
    now.length > 0 && now.length < before.length;
  if (isReduced(clusterIPs, oldIps)) {
    const detail = "must be 'SingleStack' to release the secondary cluster IP";
    errors.push(invalidField(policyPath, spec.ipFamilyPolicy, detail));
  }
  if (isReduced(ipFamilies, oldFamilies)) {
    const detail = "must be 'SingleStack' to release the secondary IP family";
    errors.push(invalidField(policyPath, spec.ipFamilyPolicy, detail));
  }
  check(name, errors);
}

function policyErrors({ ipFamilyPolicy, clusterIPs = [], ipFamilies = [] }: Spec): FieldError[] {
  if (ipFamilyPolicy !== "SingleStack") return [];
  const errors: FieldError[] = [];
  const detail = (what: string) =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  if (clusterIPs.length === 2) errors.push(invalidField(policyPath, ipFamilyPolicy, detail("cluster IPs")));
  if (ipFamilies.length === 2) errors.push(invalidField(policyPath, ipFamilyPolicy, detail("IP families")));
  return errors;
}

/** Adds the families of the addresses that the client gives. */
function inferFamilies(spec: Spec, cluster: IpFamily): FieldError[] {
  const { clusterIPs = [] } = spec;
  const families = [...(spec.ipFamilies ?? [])];
  const errors: FieldError[] = [];
  clusterIPs.forEach((ip, index) => {
    if (ip === "None" || index < families.length) return;
    const family = familyOf(ip);
    if (family === cluster) families.push(family);
    else {
      const detail = `${family} is not configured on this cluster`;
      errors.push(invalidField(`spec.clusterIPs[${index}]`, clusterIPs, detail));
    }
  });
  if (families.length > 0) spec.ipFamilies = families;
  return errors;
}

function clusterErrors({ ipFamilyPolicy, ipFamilies = [] }: Spec, cluster: IpFamily): FieldError[] {
  const errors: FieldError[] = [];
  if (ipFamilyPolicy === "RequireDualStack") {
    const detail = "this cluster is not configured for dual-stack services";
    errors.push(invalidField(policyPath, ipFamilyPolicy, detail));
  }
  ipFamilies.forEach((family, index) => {
    if (family === cluster) return;
    errors.push(invalidField(`spec.ipFamilies[${index}]`, family, "not configured on this cluster"));
  });
  return errors;
}
