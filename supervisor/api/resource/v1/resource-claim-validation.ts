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
import { isExtendedResource } from "../../core/v1/resource-names.ts";
import type {
  V1DeviceClaim,
  V1DeviceClassSpec,
  V1DeviceConstraint,
  V1DeviceRequest,
  V1DeviceSelector,
  V1DeviceSubRequest,
  V1ResourceClaimSpec,
} from "../../generated/types.ts";

import { validateConfiguration, validateFullAttributeName, validateToleration } from "./device-validation.ts";

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
  validateEntries(constraints, maxEntries, `${at}.constraints`, errors, (constraint, place) => {
    validateReferences(constraint.requests ?? [], names, `${place}.requests`, errors);
    validateConstraint(constraint, place, errors);
  });
  validateEntries(config, maxEntries, `${at}.config`, errors, (entry, place) => {
    validateReferences(entry.requests ?? [], names, `${place}.requests`, errors);
    validateConfiguration(entry, place, errors);
  });
  return errors;
}

function validateConstraint(constraint: V1DeviceConstraint, path: string, errors: FieldError[]): void {
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute !== undefined) {
    validateFullAttributeName(matchAttribute, `${path}.matchAttribute`, errors);
  } else if (distinctAttribute !== undefined) {
    validateFullAttributeName(distinctAttribute, `${path}.distinctAttribute`, errors);
  } else {
    const detail =
      'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(requiredField(path, detail));
  }
}

/** A list of so many entries; a longer one is not looked at. */
export function validateEntries<T>(
  entries: readonly T[],
  max: number,
  path: string,
  errors: FieldError[],
  check: (entry: T, path: string) => void,
): void {
  if (entries.length > max) {
    errors.push(tooManyField(path, entries.length, max));
    return;
  }
  entries.forEach((entry, index) => {
    check(entry, `${path}[${index}]`);
  });
}

/** A list of what has names, each name once. */
export function validateNamed<T extends { readonly name: string }>(
  entries: readonly T[],
  max: number,
  path: string,
  errors: FieldError[],
  check: (entry: T, path: string) => void,
): void {
  validateEntries(entries, max, path, errors, check);
  if (entries.length > max) return;
  entries.forEach(({ name }, index) => {
    const isTwice = entries.findIndex((other) => other.name === name) < index;
    if (isTwice) errors.push(duplicateField(`${path}[${index}]`, name));
  });
}

/** The names of requests, and those of their alternatives as `request/alternative`. */
export function requestNames({ requests }: V1DeviceClaim): ReadonlySet<string> {
  return new Set(
    (requests ?? []).flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  );
}

/** The name of a request, or of one of its alternatives. */
export function validateReference(
  name: string,
  names: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  const parts = name.split("/");
  if (parts.length <= 2) for (const part of parts) checkFormat(errors, path, part, checkDnsLabel);
  if (names.has(name)) return;
  const detail =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  errors.push(invalidField(path, name, detail));
}

export function validateReferences(
  references: readonly string[],
  names: ReadonlySet<string>,
  path: string,
  errors: FieldError[],
): void {
  validateEntries(references, maxEntries, path, errors, (name, place) => {
    validateReference(name, names, place, errors);
  });
  references.forEach((name, index) => {
    if (references.indexOf(name) < index) errors.push(duplicateField(`${path}[${index}]`, name));
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
  const { deviceClassName, selectors = [], tolerations = [] } = request;
  checkRequiredFormat(errors, `${path}.deviceClassName`, deviceClassName, checkDnsSubdomain);
  validateDeviceSelectors(selectors, `${path}.selectors`, errors);
  validateCount(request, path, errors);
  tolerations.forEach((toleration, index) => {
    validateToleration(toleration, `${path}.tolerations[${index}]`, errors);
  });
}

function validateCount({ allocationMode = "", count = 0 }: Exact, path: string, errors: FieldError[]): void {
  if (allocationMode === "All") {
    if (count === 0) return;
    const detail = "must not be specified when allocationMode is 'All'";
    errors.push(invalidField(`${path}.count`, count, detail));
  } else if (allocationMode !== "ExactCount") {
    errors.push(notSupportedField(`${path}.allocationMode`, allocationMode, ["All", "ExactCount"]));
  } else if (count <= 0) errors.push(invalidField(`${path}.count`, count, "must be greater than zero"));
}

/** All but what the expressions say. */
function validateDeviceSelectors(
  selectors: readonly V1DeviceSelector[],
  path: string,
  errors: FieldError[],
): void {
  validateEntries(selectors, maxEntries, path, errors, ({ cel }, place) => {
    const at = `${place}.cel`;
    if (cel === undefined) errors.push(requiredField(at));
    else if (Buffer.byteLength(cel.expression) > maxExpressionBytes) {
      errors.push(tooLongField(`${at}.expression`, maxExpressionBytes));
    }
  });
}

/** What all devices of a class have, and what their drivers are told. */
export function validateDeviceClass(spec: V1DeviceClassSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { selectors = [], config = [], extendedResourceName: name } = spec;
  validateDeviceSelectors(selectors, "spec.selectors", errors);
  validateEntries(config, maxEntries, "spec.config", errors, (entry, place) => {
    validateConfiguration(entry, place, errors);
  });
  if (name !== undefined && !isExtendedResource(name)) {
    const detail = "must be a valid extended resource name";
    errors.push(invalidField("spec.extendedResourceName", name, detail));
  }
  return errors;
}

/** What was claimed stays so. */
export function validateSpecKept(spec: object | undefined, old: object | undefined): FieldError[] {
  return equalJson(spec, old) ? [] : [immutableField("spec", spec)];
}
