/** Defaults and validation of StorageClasses and VolumeAttributesClasses (kubernetes `pkg/apis/storage`). */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import {
  checkFormat,
  checkOneOf,
  checkRequiredOneOf,
} from "../../../apimachinery/validation/field-checks.ts";
import { checkLabelValue, checkQualifiedName } from "../../../apimachinery/validation/formats.ts";
import type {
  V1StorageClass,
  V1TopologySelectorTerm,
  V1VolumeAttributesClass,
} from "../../generated/types.ts";

type StorageClass = Pick<
  V1StorageClass,
  "provisioner" | "parameters" | "reclaimPolicy" | "volumeBindingMode" | "allowedTopologies"
>;
type AttributesClass = Pick<V1VolumeAttributesClass, "driverName" | "parameters">;
type Parameters = Readonly<Record<string, string>> | undefined;

const maxParameters = 512;
const maxParameterBytes = 256 * 1024;

export function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies = [] } = storageClass;
  validateDriver(provisioner, "provisioner", errors);
  validateParameters(parameters, true, errors);
  if (reclaimPolicy) checkOneOf(errors, "reclaimPolicy", reclaimPolicy, ["Delete", "Retain"]);
  checkRequiredOneOf(errors, "volumeBindingMode", volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]);
  allowedTopologies.forEach((term, index) => {
    const path = `allowedTopologies[${index}]`;
    validateTerm(term, path, errors);
    if (allowedTopologies.slice(0, index).some((other) => equalJson(other, term))) {
      errors.push(duplicateField(`${path}.matchLabelExpressions`, ""));
    }
  });
  return errors;
}

function validateDriver(name: string, field: string, errors: FieldError[]): void {
  if (!name) errors.push(requiredField(field));
  else {
    for (const message of checkQualifiedName(name.toLowerCase())) {
      errors.push(invalidField(field, name.toLowerCase(), message));
    }
  }
}

function validateParameters(parameters: Parameters = {}, allowEmpty: boolean, errors: FieldError[]): void {
  const entries = Object.entries(parameters);
  if (entries.length > maxParameters) return void errors.push(tooLongField("parameters", maxParameters));
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === "") errors.push(invalidField("parameters", key, "field can not be empty."));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > maxParameterBytes) errors.push(tooLongField("parameters", maxParameterBytes));
  if (!allowEmpty && entries.length === 0) {
    errors.push(requiredField("parameters", "must contain at least one key/value pair"));
  }
}

function validateTerm(
  { matchLabelExpressions = [] }: V1TopologySelectorTerm,
  path: string,
  errors: FieldError[],
): void {
  const keys = new Set<string>();
  matchLabelExpressions.forEach(({ key, values = [] }, index) => {
    const place = `${path}.matchLabelExpressions[${index}]`;
    if (values.length === 0) errors.push(requiredField(`${place}.values`));
    values.forEach((value, position) => {
      const field = `${place}.values[${position}]`;
      if (values.indexOf(value) < position) errors.push(duplicateField(field, value));
      checkFormat(errors, field, value, checkLabelValue);
    });
    checkFormat(errors, `${place}.key`, key, checkQualifiedName);
    if (keys.has(key)) errors.push(duplicateField(`${place}.key`, key));
    keys.add(key);
  });
}

export function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors = validateStorageClass(storageClass);
  validateKept(storageClass, old, ["parameters", "provisioner", "reclaimPolicy"], errors);
  const { volumeBindingMode } = storageClass;
  if (volumeBindingMode !== old.volumeBindingMode) {
    errors.push(immutableField("volumeBindingMode", volumeBindingMode));
  }
  return errors;
}

function validateKept<T extends object>(
  object: T,
  old: T,
  fields: ReadonlyArray<keyof T & string>,
  errors: FieldError[],
): void {
  for (const field of fields) {
    const isSame = equalJson(object[field] ?? {}, old[field] ?? {});
    if (!isSame) errors.push(forbiddenField(field, `updates to ${field} are forbidden.`));
  }
}

export function validateAttributesClass({ driverName, parameters }: AttributesClass): FieldError[] {
  const errors: FieldError[] = [];
  validateDriver(driverName, "driverName", errors);
  validateParameters(parameters, false, errors);
  return errors;
}

export function validateAttributesClassUpdate(
  attributes: AttributesClass,
  old: AttributesClass,
): FieldError[] {
  const errors: FieldError[] = [];
  validateKept(attributes, old, ["driverName", "parameters"], errors);
  return [...errors, ...validateAttributesClass(attributes)];
}
