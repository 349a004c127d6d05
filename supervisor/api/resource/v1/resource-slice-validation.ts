/** Validation of the devices that drivers publish, with the texts of kubernetes `pkg/apis/resource/validation`. */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  requiredField,
  tooLongField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { checkFormat, checkRequiredFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { validateNodeSelector } from "../../core/v1/node-selector-validation.ts";
import type {
  V1CounterSet,
  V1Device,
  V1DeviceAttribute,
  V1ResourcePool,
  V1ResourceSliceSpec,
} from "../../generated/types.ts";
import { validateDriverName } from "../../storage/v1/csi-validation.ts";
import {
  validateAttributeName,
  validateBindingConditions,
  validatePoolName,
  validateTaint,
} from "./device-validation.ts";
import { validateEntries, validateNamed } from "./resource-claim-validation.ts";

type Spec = V1ResourceSliceSpec;

const maxDevices = 128;
/** Of devices with taints, or that share counters. */
const maxAdvancedDevices = 64;
const maxCounterSets = 8;
const maxCounters = 32;
const maxConsumed = 2;
const maxTaints = 16;
const maxValueBytes = 64;
const unsetOrTrue = "must be either unset or set to true";
const semanticVersion =
  /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/;
const maxProperties = 32;
const placeFields = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;
const onePlace =
  "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

export function validateResourceSlice(spec: Spec): FieldError[] {
  const errors: FieldError[] = [];
  validateDriverName(spec.driver, "spec.driver", errors);
  validatePool(spec.pool, errors);
  validatePlace(spec, errors);
  const { devices, sharedCounters, perDeviceNodeSelection = false } = spec;
  if (sharedCounters !== undefined && devices !== undefined) {
    errors.push(invalidField("spec", "", "only one of `sharedCounters` or `devices` is allowed"));
  }
  const isAdvanced = (devices ?? []).some(
    ({ taints = [], consumesCounters = [] }) => taints.length > 0 || consumesCounters.length > 0,
  );
  const max = isAdvanced ? maxAdvancedDevices : maxDevices;
  validateNamed(devices ?? [], max, "spec.devices", errors, (device, path) => {
    validateDevice(device, perDeviceNodeSelection, path, errors);
  });
  validateNamed(sharedCounters ?? [], maxCounterSets, "spec.sharedCounters", errors, (set, path) => {
    checkRequiredFormat(errors, `${path}.name`, set.name, checkDnsLabel);
    validateCounters(set.counters, `${path}.counters`, errors);
  });
  return errors;
}

function validateCounters(counters: V1CounterSet["counters"], path: string, errors: FieldError[]): void {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) errors.push(requiredField(path));
  else if (names.length > maxCounters) errors.push(tooManyField(path, names.length, maxCounters));
  else for (const name of names) checkFormat(errors, path, name, checkDnsLabel);
}

function validatePool(pool: V1ResourcePool, errors: FieldError[]): void {
  const path = "spec.pool";
  const { name = "", resourceSliceCount = 0, generation = 0 } = pool;
  validatePoolName(name, `${path}.name`, errors);
  if (resourceSliceCount <= 0) {
    errors.push(invalidField(`${path}.resourceSliceCount`, resourceSliceCount, "must be greater than zero"));
  }
  if (generation < 0) {
    const detail = "must be greater than or equal to zero";
    errors.push(invalidField(`${path}.generation`, generation, detail));
  }
}

function validatePlace(spec: Spec, errors: FieldError[]): void {
  const { nodeName, nodeSelector } = spec;
  if (nodeName === "")
    errors.push(invalidField("spec.nodeName", nodeName, "must be either unset or set to a non-empty string"));
  else if (nodeName !== undefined) checkFormat(errors, "spec.nodeName", nodeName, checkDnsSubdomain);
  if (nodeSelector !== undefined) {
    validateNodeSelector(nodeSelector, "spec.nodeSelector", errors);
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    const at = "spec.nodeSelector.nodeSelectorTerms";
    if (terms.length !== 1) errors.push(invalidField(at, terms, "must have exactly one node selector term"));
  }
  for (const field of ["allNodes", "perDeviceNodeSelection"] as const) {
    if (spec[field] !== false) continue;
    errors.push(invalidField(`spec.${field}`, false, unsetOrTrue));
  }
  const given = placeFields.filter((field) => Boolean(spec[field]));
  if (given.length === 0) errors.push(requiredField("spec", onePlace));
  else if (given.length > 1) {
    errors.push(invalidField("spec", quoted(given), `${onePlace}, but multiple fields are set`));
  }
}

function validateDevice(device: V1Device, placesDevices: boolean, path: string, errors: FieldError[]): void {
  checkFormat(errors, `${path}.name`, device.name, checkDnsLabel);
  validateProperties(device, path, errors);
  const { taints = [], consumesCounters = [] } = device;
  validateEntries(taints, maxTaints, `${path}.taints`, errors, (taint, place) => {
    validateTaint(taint, place, errors);
  });
  const consumed = `${path}.consumesCounters`;
  validateEntries(consumesCounters, maxConsumed, consumed, errors, ({ counterSet, counters }, place) => {
    checkRequiredFormat(errors, `${place}.counterSet`, counterSet, checkDnsLabel);
    validateCounters(counters, `${place}.counters`, errors);
  });
  validateDevicePlace(device, placesDevices, path, errors);
  validateBindingConditions(device, path, errors);
}

function validateProperties(device: V1Device, path: string, errors: FieldError[]): void {
  const { attributes = {}, capacity = {}, allowMultipleAllocations = false } = device;
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > maxProperties) {
    const detail = `the total number of attributes and capacities must not exceed ${maxProperties}`;
    errors.push(invalidField(path, count, detail));
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    validateAttributeName(name, `${path}.attributes`, errors);
    validateAttribute(attribute, `${path}.attributes[${name}]`, errors);
  }
  for (const [name, { requestPolicy }] of Object.entries(capacity)) {
    validateAttributeName(name, `${path}.capacity`, errors);
    if (requestPolicy === undefined || allowMultipleAllocations) continue;
    const at = `${path}.capacity[${name}].requestPolicy`;
    errors.push(forbiddenField(at, "allowMultipleAllocations must be true"));
  }
}

function validateAttribute(attribute: V1DeviceAttribute, path: string, errors: FieldError[]): void {
  const { string, version } = attribute;
  if (string !== undefined && Buffer.byteLength(string) > maxValueBytes) {
    errors.push(tooLongField(`${path}.string`, maxValueBytes));
  }
  if (version !== undefined) {
    const detail = "must be a string compatible with semver.org spec 2.0.0";
    if (!semanticVersion.test(version)) errors.push(invalidField(`${path}.version`, version, detail));
    if (Buffer.byteLength(version) > maxValueBytes) {
      errors.push(tooLongField(`${path}.version`, maxValueBytes));
    }
  }
  const given = Object.values(attribute).filter((value) => value !== undefined).length;
  if (given === 1) return;
  errors.push(invalidField(path, given === 0 ? "" : attribute, "exactly one value must be specified"));
}

function validateDevicePlace(
  device: V1Device,
  placesDevices: boolean,
  path: string,
  errors: FieldError[],
): void {
  const { nodeName, nodeSelector, allNodes } = device;
  const perDevice = "`perDeviceNodeSelection` is set to true in the ResourceSlice spec";
  if (!placesDevices) {
    if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return;
    const detail = `\`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if ${perDevice}`;
    errors.push(invalidField(path, null, detail));
    return;
  }
  if (nodeName === "") errors.push(invalidField(`${path}.nodeName`, nodeName, "must not be empty"));
  else if (nodeName !== undefined) checkFormat(errors, `${path}.nodeName`, nodeName, checkDnsSubdomain);
  if (nodeSelector !== undefined) validateNodeSelector(nodeSelector, `${path}.nodeSelector`, errors);
  if (allNodes === false) errors.push(invalidField(`${path}.allNodes`, false, unsetOrTrue));
  const given = (["nodeName", "nodeSelector", "allNodes"] as const).filter((field) => Boolean(device[field]));
  if (given.length === 1) return;
  const detail = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` is required when ${perDevice}`;
  errors.push(given.length === 0 ? requiredField(path, detail) : invalidField(path, quoted(given), detail));
}

/** Fields as messages show those that are set. */
function quoted(fields: readonly string[]): string {
  return `{${fields.map((field) => `\`${field}\``).join(", ")}}`;
}

/** Whose devices they are, and where, stays. */
export function validateResourceSliceUpdate(spec: Spec, old: Spec): FieldError[] {
  const errors = validateResourceSlice(spec);
  if (spec.driver !== old.driver) errors.push(immutableField("spec.driver", spec.driver));
  if (spec.pool.name !== old.pool.name) errors.push(immutableField("spec.pool.name", spec.pool.name));
  if (spec.nodeName !== old.nodeName) errors.push(immutableField("spec.nodeName", spec.nodeName));
  return errors;
}

/** Drivers' names are compared as they are written. */
export function resourceSliceWarnings({ driver = "" }: Pick<Spec, "driver">): readonly string[] {
  if (driver === driver.toLowerCase()) return [];
  const name = JSON.stringify(driver);
  return [`spec.driver: driver names should be lowercase; ${name} contains uppercase characters`];
}
