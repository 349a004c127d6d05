/** Validation of a Pod's name resolution, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../../apimachinery/field-error.ts";
import { checkFormat, checkRequiredOneOf } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain, checkSearchDomain } from "../../../../apimachinery/validation/formats.ts";
import { checkLegacyIp } from "../../../../apimachinery/validation/ip-formats.ts";
import type { V1HostAlias, V1PodDNSConfig, V1PodSpec } from "../../../generated/types.ts";

const dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const maxNameservers = 3;
const maxSearchPaths = 32;
const maxSearchCharacters = 2048;

export function validateDnsPolicy(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  checkRequiredOneOf(errors, `${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies);
}

export function validateDnsConfig(
  { dnsPolicy, dnsConfig }: V1PodSpec,
  spec: string,
  errors: FieldError[],
): void {
  const path = `${spec}.dnsConfig`;
  if (dnsConfig === undefined) {
    if (dnsPolicy === "None") {
      errors.push(requiredField(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
    }
    return;
  }
  if (dnsPolicy === "None" && !dnsConfig.nameservers?.length) {
    const detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    errors.push(requiredField(`${path}.nameservers`, detail));
    return;
  }
  validateConfig(dnsConfig, path, errors);
}

function validateConfig(config: V1PodDNSConfig, path: string, errors: FieldError[]): void {
  const { nameservers = [], searches = [], options = [] } = config;
  if (nameservers.length > maxNameservers) {
    const detail = `must not have more than ${maxNameservers} nameservers`;
    errors.push(invalidField(`${path}.nameservers`, nameservers, detail));
  }
  nameservers.forEach((address, index) => {
    checkFormat(errors, `${path}.nameservers[${index}]`, address, checkLegacyIp);
  });
  if (searches.length > maxSearchPaths) {
    const detail = `must not have more than ${maxSearchPaths} search paths`;
    errors.push(invalidField(`${path}.searches`, searches, detail));
  }
  if (searches.join(" ").length > maxSearchCharacters) {
    const detail = `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`;
    errors.push(invalidField(`${path}.searches`, searches, detail));
  }
  searches.forEach((search, index) => {
    if (search === ".") return;
    checkFormat(errors, `${path}.searches[${index}]`, search.replace(/\.$/, ""), checkSearchDomain);
  });
  options.forEach(({ name }, index) => {
    if (!name) errors.push(requiredField(`${path}.options[${index}]`, "must not be empty"));
  });
}

export function validateHostAliases(
  aliases: readonly V1HostAlias[],
  path: string,
  errors: FieldError[],
): void {
  aliases.forEach(({ ip, hostnames = [] }, index) => {
    checkFormat(errors, `${path}[${index}].ip`, ip, checkLegacyIp);
    hostnames.forEach((hostname, position) => {
      checkFormat(errors, `${path}[${index}].hostnames[${position}]`, hostname, checkDnsSubdomain);
    });
  });
}
