/** Defaults and validation of EndpointSlices (kubernetes `pkg/apis/discovery`). */
import {
  duplicateField,
  type FieldError,
  immutableField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { checkFormat, checkRequiredOneOf } from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from "../../../apimachinery/validation/formats.ts";
import {
  checkLegacyIp,
  checkNonSpecialIp,
  ipWarnings,
  parseIp,
} from "../../../apimachinery/validation/ip-formats.ts";
import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointHints,
  V1EndpointSlice,
} from "../../generated/types.ts";

type EndpointSlice = Pick<V1EndpointSlice, "addressType" | "endpoints" | "ports">;

const addressTypes = ["FQDN", "IPv4", "IPv6"];
const protocols = ["SCTP", "TCP", "UDP"];
const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;
const maxHints = 8;

export function setEndpointSliceDefaults(slice: Mutable<EndpointSlice>): void {
  for (const port of slice.ports ?? []) {
    port.name ??= "";
    port.protocol ??= "TCP";
  }
}

function tooMany(field: string, count: number, most: number): FieldError {
  const body = `Too many: ${count}: must have at most ${most} item${most === 1 ? "" : "s"}`;
  return { type: "FieldValueTooMany", field, body };
}

export function validateEndpointSlice({ addressType, endpoints, ports }: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  checkRequiredOneOf(errors, "addressType", addressType, addressTypes);
  const all = endpoints ?? [];
  if (all.length > maxEndpoints) errors.push(tooMany("endpoints", all.length, maxEndpoints));
  else {
    all.forEach((endpoint, index) => {
      validateEndpoint(endpoint, addressType, `endpoints[${index}]`, errors);
    });
  }
  validatePorts(ports ?? [], errors);
  return errors;
}

function validateEndpoint(endpoint: V1Endpoint, type: string, path: string, errors: FieldError[]): void {
  const { addresses = [], nodeName, hostname, hints } = endpoint;
  const place = `${path}.addresses`;
  if (addresses.length === 0) errors.push(requiredField(place, "must contain at least 1 address"));
  else if (addresses.length > maxAddresses) errors.push(tooMany(place, addresses.length, maxAddresses));
  addresses.forEach((address, index) => {
    validateAddress(address, type, `${place}[${index}]`, errors);
  });
  if (nodeName !== undefined) checkFormat(errors, `${path}.nodeName`, nodeName, checkDnsSubdomain);
  if (hostname !== undefined) checkFormat(errors, `${path}.hostname`, hostname, checkDnsLabel);
  if (hints !== undefined) validateHints(hints, `${path}.hints`, errors);
}

function validateAddress(address: string, type: string, field: string, errors: FieldError[]): void {
  if (type === "FQDN") validateDomain(address, field, errors);
  if (type !== "IPv4" && type !== "IPv6") return;
  const complaints = checkFormat(errors, field, address, checkLegacyIp);
  if (complaints.length === 0 && parseIp(address)?.family !== type) {
    errors.push(invalidField(field, address, `must be an ${type} address`));
  }
  checkFormat(errors, field, address, checkNonSpecialIp);
}

/** A whole domain name (apimachinery `IsFullyQualifiedDomainName`). */
function validateDomain(name: string, field: string, errors: FieldError[]): void {
  if (name === "") return void errors.push(requiredField(field));
  const domain = name.replace(/\.$/, "");
  const complaints = checkDnsSubdomain(domain);
  if (complaints.length > 0) errors.push(invalidField(field, domain, complaints.join(",")));
  else if (!domain.includes(".")) {
    const detail = "should be a domain with at least two segments separated by dots";
    errors.push(invalidField(field, domain, detail));
  } else {
    const label = domain.split(".").find((part) => checkDnsLabel(part).length > 0);
    if (label !== undefined) errors.push(invalidField(field, label, checkDnsLabel(label).join(",")));
  }
}

function validateHints(
  { forZones = [], forNodes = [] }: V1EndpointHints,
  path: string,
  errors: FieldError[],
) {
  const check = (names: ReadonlyArray<{ readonly name: string }>, field: string, zones: boolean) => {
    if (names.length > maxHints) return void errors.push(tooMany(field, names.length, maxHints));
    names.forEach(({ name }, index) => {
      const place = `${field}[${index}].name`;
      if (names.findIndex((other) => other.name === name) < index) errors.push(duplicateField(place, name));
      checkFormat(errors, place, name, zones ? checkLabelValue : checkDnsSubdomain);
    });
  };
  check(forZones, `${path}.forZones`, true);
  check(forNodes, `${path}.forNodes`, false);
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[], errors: FieldError[]): void {
  if (ports.length > maxPorts) return void errors.push(tooMany("ports", ports.length, maxPorts));
  const names = new Set<string>();
  ports.forEach(({ name = "", protocol, appProtocol }, index) => {
    const path = `ports[${index}]`;
    if (name !== "") checkFormat(errors, `${path}.name`, name, checkDnsLabel);
    if (names.has(name)) errors.push(duplicateField(`${path}.name`, name));
    names.add(name);
    checkRequiredOneOf(errors, `${path}.protocol`, protocol, protocols);
    if (appProtocol !== undefined)
      checkFormat(errors, `${path}.appProtocol`, appProtocol, checkQualifiedName);
  });
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  const errors = validateEndpointSlice(slice);
  const { addressType } = slice;
  if (addressType !== old.addressType) errors.push(immutableField("addressType", addressType));
  return errors;
}

const ownManagers = ["endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"];

/** What is said of new and of changed slices; those of the cluster's own controllers are in order. */
export function endpointSliceWarnings(
  slice: EndpointSlice & { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } },
  old?: EndpointSlice,
): string[] {
  const isDeprecated = old === undefined && slice.addressType === "FQDN";
  const warnings = isDeprecated ? ["spec.addressType: FQDN endpoints are deprecated"] : [];
  const manager = slice.metadata.labels?.["endpointslice.kubernetes.io/managed-by"] ?? "";
  if (ownManagers.includes(manager)) return warnings;
  for (const [index, { addresses = [] }] of (slice.endpoints ?? []).entries()) {
    for (const [place, address] of addresses.entries()) {
      warnings.push(...ipWarnings(address, `endpoints[${index}].addresses[${place}]`));
    }
  }
  return warnings;
}
