/** Validation of the devices that drivers publish, with the texts of kubernetes `pkg/apis/resource/validation`. */
import {
  duplicateField,
  type FieldError,
  immutableField,
  invalidField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { validateNodeSelector } from "../../core/v1/node-selector-validation.ts";
import type { V1Device, V1ResourcePool, V1ResourceSliceSpec } from "../../generated/types.ts";
import { validateDriverName } from "../../storage/v1/csi-validation.ts";

type Spec = V1ResourceSliceSpec;

const maxPoolNameBytes = 253;
const maxProperties = 32;
const placeFields = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;
const onePlace =
  "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";

export function validateResourceSlice(spec: Spec): FieldError[] {
  const errors: FieldError[] = [];
  validateDriverName(spec.driver, "spec.driver", errors);
  validatePool(spec.pool, errors);
  validatePlace(spec, errors);
  const { devices = [], perDeviceNodeSelection = false } = spec;
  devices.forEach((device, index) => {
    const path = `spec.devices[${index}]`;
    validateDevice(device, perDeviceNodeSelection, path, errors);
    const isTwice = devices.findIndex(({ name }) => name === device.name) < index;
    if (isTwice) errors.push(duplicateField(path, device.name));
  });
  return errors;
}

function validatePool(pool: V1ResourcePool, errors: FieldError[]): void {
  const path = "spec.pool";
  const { name = "", resourceSliceCount = 0, generation = 0 } = pool;
  if (name === "") errors.push(requiredField(`${path}.name`));
  else {
    if (name.length > maxPoolNameBytes) errors.push(tooLongField(`${path}.name`, maxPoolNameBytes));
    for (const part of name.split("/")) checkFormat(errors, `${path}.name`, part, checkDnsSubdomain);
  }
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
  if (nodeName === "") errors.push(invalidField("spec.nodeName", nodeName, "must not be empty"));
  else if (nodeName !== undefined) checkFormat(errors, "spec.nodeName", nodeName, checkDnsSubdomain);
  if (nodeSelector !== undefined) validateNodeSelector(nodeSelector, "spec.nodeSelector", errors);
  for (const field of ["allNodes", "perDeviceNodeSelection"] as const) {
    if (spec[field] !== false) continue;
    errors.push(invalidField(`spec.${field}`, false, "must be either unset or set to true"));
  }
  const given = placeFields.filter((field) => Boolean(spec[field]));
  if (given.length === 0) errors.push(requiredField("spec", onePlace));
  else if (given.length > 1) {
    const names = given.map((field) => `\`${field}\``).join(", ");
    errors.push(invalidField("spec", `{${names}}`, onePlace));
  }
}

function validateDevice(device: V1Device, placesDevices: boolean, path: string, errors: FieldError[]): void {
  checkFormat(errors, `${path}.name`, device.name, checkDnsLabel);
  const { attributes = {}, capacity = {}, nodeName, nodeSelector, allNodes } = device;
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > maxProperties) {
    const detail = `the total number of attributes and capacities must not exceed ${maxProperties}`;
    errors.push(invalidField(path, count, detail));
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    if (Object.values(attribute).filter((value) => value !== undefined).length === 1) continue;
    const given = Object.keys(attribute).length === 0 ? "" : attribute;
    errors.push(invalidField(`${path}.attributes[${name}]`, given, "exactly one value must be specified"));
  }
  const places = [nodeName, nodeSelector, allNodes].filter((place) => place !== undefined).length;
  const perDevice = "`perDeviceNodeSelection` is set to true in the ResourceSlice spec";
  if (!placesDevices && places > 0) {
    const detail = `\`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if ${perDevice}`;
    errors.push(invalidField(path, null, detail));
  } else if (placesDevices && places !== 1) {
    const detail = `exactly one of \`nodeName\`, \`nodeSelector\`, or \`allNodes\` is required when ${perDevice}`;
    errors.push(places === 0 ? requiredField(path, detail) : invalidField(path, null, detail));
  }
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
