/** Defaults and validation of claims to devices, with the texts of kubernetes `pkg/apis/resource/validation`. */
import {
  duplicateField,
  type FieldError,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { checkFormat, checkRequiredFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import type {
  V1DeviceClaim,
  V1DeviceRequest,
  V1DeviceSelector,
  V1DeviceSubRequest,
  V1ResourceClaimSpec,
} from "../../generated/types.ts";

type Exact = Omit<V1DeviceSubRequest, "name">;

const maxEntries = 32;
const maxAlternatives = 8;
const maxExpressionBytes = 10 * 1024;

export function setClaimDefaults({ devices }: Mutable<V1ResourceClaimSpec>): void {
  for (const { exactly, firstAvailable = [] } of devices?.requests ?? []) {
    for (const request of exactly === undefined ? firstAvailable : [exactly, ...firstAvailable]) {
      request.allocationMode ||= "ExactCount";
      if (request.allocationMode === "ExactCount") request.count ||= 1;
      for (const toleration of request.tolerations ?? []) toleration.operator ||= "Equal";
    }
  }
}

export function validateResourceClaimSpec({ devices = {} }: V1ResourceClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { constraints = [], config = [] } = devices;
  const at = `${path}.devices`;
  validateNamed(devices.requests ?? [], maxEntries, `${at}.requests`, errors, (request, place) => {
    validateRequest(request, place, errors);
  });
  const names = requestNames(devices);
  for (const [field, entries] of Object.entries({ constraints, config })) {
    if (entries.length > maxEntries) errors.push(tooManyField(`${at}.${field}`, entries.length, maxEntries));
    entries.forEach((entry, index) => {
      validateReferences(entry.requests ?? [], names, `${at}.${field}[${index}].requests`, errors);
    });
  }
  return errors;
}

/** A list of what has names, each name once. */
function validateNamed<T extends { readonly name: string }>(
  entries: readonly T[],
  max: number,
  path: string,
  errors: FieldError[],
  check: (entry: T, path: string) => void,
): void {
  if (entries.length > max) errors.push(tooManyField(path, entries.length, max));
  entries.forEach((entry, index) => {
    check(entry, `${path}[${index}]`);
    const isTwice = entries.findIndex(({ name }) => name === entry.name) < index;
    if (isTwice) errors.push(duplicateField(`${path}[${index}]`, entry.name));
  });
}

/** The names of requests, and those of their alternatives as `request/alternative`. */
function requestNames({ requests }: V1DeviceClaim): ReadonlySet<string> {
  return new Set(
    (requests ?? []).flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  );
}

function validateReferences(
  references: readonly string[],
  names: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  references.forEach((name, index) => {
    if (names.has(name)) return;
    const detail =
      "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
    errors.push(invalidField(`${path}[${index}]`, name, detail));
  });
}

function validateRequest(request: V1DeviceRequest, path: string, errors: FieldError[]): void {
  const { name, exactly, firstAvailable = [] } = request;
  checkFormat(errors, `${path}.name`, name, checkDnsLabel);
  const one = "exactly one of `exactly` or `firstAvailable` is required";
  if (firstAvailable.length === 0) {
    if (exactly === undefined) errors.push(requiredField(path, one));
    else validateExact(exactly, `${path}.exactly`, errors);
    return;
  }
  if (exactly !== undefined) {
    errors.push(invalidField(path, null, `${one}, but multiple fields are set`));
    return;
  }
  validateNamed(firstAvailable, maxAlternatives, `${path}.firstAvailable`, errors, (alternative, place) => {
    checkFormat(errors, `${place}.name`, alternative.name, checkDnsLabel);
    validateExact(alternative, place, errors);
  });
}

function validateExact(request: Exact, path: string, errors: FieldError[]): void {
  const { deviceClassName, selectors = [], allocationMode = "", count = 0 } = request;
  checkRequiredFormat(errors, `${path}.deviceClassName`, deviceClassName, checkDnsSubdomain);
  validateDeviceSelectors(selectors, `${path}.selectors`, errors);
  if (allocationMode === "All") {
    if (count === 0) return;
    const detail = "must not be specified when allocationMode is 'All'";
    errors.push(invalidField(`${path}.count`, count, detail));
  } else if (allocationMode !== "ExactCount") {
    errors.push(notSupportedField(`${path}.allocationMode`, allocationMode, ["All", "ExactCount"]));
  } else if (count <= 0) errors.push(invalidField(`${path}.count`, count, "must be greater than zero"));
}

/** All but what the expressions say. */
export function validateDeviceSelectors(
  selectors: readonly V1DeviceSelector[],
  path: string,
  errors: FieldError[],
): void {
  if (selectors.length > maxEntries) errors.push(tooManyField(path, selectors.length, maxEntries));
  selectors.forEach(({ cel }, index) => {
    const at = `${path}[${index}].cel`;
    if (cel === undefined) errors.push(requiredField(at));
    else if (Buffer.byteLength(cel.expression) > maxExpressionBytes) {
      errors.push(tooLongField(`${at}.expression`, maxExpressionBytes));
    }
  });
}

/** What was claimed stays so. */
export function validateSpecKept(spec: object | undefined, old: object | undefined): FieldError[] {
  return equalJson(spec, old) ? [] : [immutableField("spec", spec)];
}
