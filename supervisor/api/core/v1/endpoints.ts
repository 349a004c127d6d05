/** Defaults, validation and the one form of Endpoints (kubernetes `pkg/apis/core`, `pkg/api/endpoints`). */
import { type FieldError, invalidField, requiredField } from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import {
  checkFormat,
  checkRequiredFormat,
  checkRequiredOneOf,
} from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkPortNumber,
  checkQualifiedName,
} from "../../../apimachinery/validation/formats.ts";
import { checkLegacyIp, checkNonSpecialIp, ipWarnings } from "../../../apimachinery/validation/ip-formats.ts";
import type {
  CoreV1EndpointPort,
  V1EndpointAddress,
  V1EndpointSubset,
  V1Endpoints,
} from "../../generated/types.ts";

type Subset = Mutable<V1EndpointSubset>;

const protocols = ["SCTP", "TCP", "UDP"];

export function setEndpointsDefaults({ subsets = [] }: { subsets?: Subset[] }): void {
  for (const { ports = [] } of subsets) for (const port of ports) port.protocol ||= "TCP";
}

export function validateEndpoints({ subsets = [] }: Pick<V1Endpoints, "subsets">): FieldError[] {
  const errors: FieldError[] = [];
  subsets.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = `subsets[${index}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      errors.push(requiredField(path, "must specify `addresses` or `notReadyAddresses`"));
    }
    addresses.forEach((address, place) => {
      validateAddress(address, `${path}.addresses[${place}]`, errors);
    });
    notReadyAddresses.forEach((address, place) => {
      validateAddress(address, `${path}.notReadyAddresses[${place}]`, errors);
    });
    ports.forEach((port, place) => {
      validatePort(port, `${path}.ports[${place}]`, ports.length > 1, errors);
    });
  });
  return errors;
}

function validateAddress(address: V1EndpointAddress, path: string, errors: FieldError[]): void {
  const { ip, hostname, nodeName } = address;
  checkFormat(errors, `${path}.ip`, ip, checkLegacyIp);
  if (hostname) checkFormat(errors, `${path}.hostname`, hostname, checkDnsLabel);
  if (nodeName !== undefined) checkFormat(errors, `${path}.nodeName`, nodeName, checkDnsSubdomain);
  checkFormat(errors, `${path}.ip`, ip, checkNonSpecialIp);
}

function validatePort(
  port: CoreV1EndpointPort,
  path: string,
  requireName: boolean,
  errors: FieldError[],
): void {
  const { name, port: number, protocol, appProtocol } = port;
  if (requireName || name) checkRequiredFormat(errors, `${path}.name`, name, checkDnsLabel);
  for (const message of checkPortNumber(number)) errors.push(invalidField(`${path}.port`, number, message));
  checkRequiredOneOf(errors, `${path}.protocol`, protocol, protocols);
  if (appProtocol !== undefined) checkFormat(errors, `${path}.appProtocol`, appProtocol, checkQualifiedName);
}

/** Ports that have the same addresses stand in one subset; each address stands once, ready or not. */
export function repackSubsets(subsets: readonly V1EndpointSubset[]): Subset[] {
  const byPort = new Map<string, Place>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const list = ports.length === 0 ? [undefined] : ports;
    for (const port of list) {
      const key = JSON.stringify(port ?? null);
      const place = byPort.get(key) ?? { port, addresses: new Map() };
      byPort.set(key, place);
      for (const address of addresses) add(place, address, true);
      for (const address of notReadyAddresses) add(place, address, false);
    }
  }
  const packed: Subset[] = [];
  for (const { port, addresses } of byPort.values()) {
    const entries = Array.from(addresses.values()).sort((a, b) => compare(a.address, b.address));
    const ready = entries.filter((entry) => entry.ready).map(({ address }) => address);
    const notReady = entries.filter((entry) => !entry.ready).map(({ address }) => address);
    const known = packed.find(
      (subset) =>
        equalJson(subset.addresses ?? [], ready) && equalJson(subset.notReadyAddresses ?? [], notReady),
    );
    if (known !== undefined && port !== undefined) known.ports = [...(known.ports ?? []), { ...port }];
    else {
      packed.push({
        ...(ready.length === 0 ? {} : { addresses: ready }),
        ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
        ...(port === undefined ? {} : { ports: [{ ...port }] }),
      });
    }
  }
  for (const subset of packed) subset.ports?.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return packed;
}

interface Place {
  readonly port: CoreV1EndpointPort | undefined;
  readonly addresses: Map<string, { address: Mutable<V1EndpointAddress>; ready: boolean }>;
}

function addressKey({ ip, targetRef }: V1EndpointAddress): string {
  return `${ip} ${targetRef?.uid ?? ""}`;
}

/** An address that is not ready in one place is not ready. */
function add({ addresses }: Place, address: V1EndpointAddress, ready: boolean): void {
  const key = addressKey(address);
  const known = addresses.get(key);
  if (known === undefined) addresses.set(key, { address: structuredClone(address), ready });
  else if (!ready) known.ready = false;
}

function compare(left: V1EndpointAddress, right: V1EndpointAddress): number {
  return addressKey(left) < addressKey(right) ? -1 : 1;
}

/** Those of the cluster's own controller are in order. */
export function endpointsWarnings({
  subsets,
  metadata,
}: Pick<V1Endpoints, "subsets"> & {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}): string[] {
  const manager = metadata.labels?.["endpoints.kubernetes.io/managed-by"];
  if (manager === "endpoint-controller") return [];
  return (subsets ?? []).flatMap((subset, index) =>
    (["addresses", "notReadyAddresses"] as const).flatMap((field) =>
      (subset[field] ?? []).flatMap(({ ip }, place) =>
        ipWarnings(ip, `subsets[${index}].${field}[${place}].ip`),
      ),
    ),
  );
}
