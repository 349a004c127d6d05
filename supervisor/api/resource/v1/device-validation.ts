/** Validation of what claims, classes and slices say of devices alike, with the texts of kubernetes `pkg/apis/resource/validation`. */
import {
  duplicateField,
  type FieldError,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import { isJsonObject, type JsonValue } from "../../../apimachinery/json/json-value.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import {
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
} from "../../../apimachinery/validation/formats.ts";
import type {
  V1DeviceTaint,
  V1DeviceToleration,
  V1OpaqueDeviceConfiguration,
} from "../../generated/types.ts";
import { validateDriverName } from "../../storage/v1/csi-validation.ts";

const maxPoolNameBytes = 253;
const maxIdBytes = 32;
const maxParameterBytes = 10 * 1024;
const maxConditions = 4;
const effects = ["NoExecute", "NoSchedule", "None"];
const identifierMessage =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

export function validatePoolName(name: string, path: string, errors: FieldError[]): void {
  if (name === "") return void errors.push(requiredField(path));
  if (name.length > maxPoolNameBytes) errors.push(tooLongField(path, maxPoolNameBytes));
  for (const part of name.split("/")) checkFormat(errors, path, part, checkDnsSubdomain);
}

/** The name of an attribute or a capacity: an identifier, which a domain may precede. */
export function validateAttributeName(name: string, path: string, errors: FieldError[]): void {
  const parts = name.split("/");
  const [first = "", second] = parts;
  if (parts.length > 2) errors.push(invalidField(path, name, "must not contain more than one slash"));
  else if (second === undefined) validateIdentifier(first, path, errors);
  else {
    if (first === "") errors.push(invalidField(path, "", "the domain must not be empty"));
    else validateDriverName(first, path, errors);
    if (second === "") errors.push(invalidField(path, "", "the name must not be empty"));
    else validateIdentifier(second, path, errors);
  }
}

/** The name of an attribute with its domain. */
export function validateFullAttributeName(name: string, path: string, errors: FieldError[]): void {
  validateAttributeName(name, path, errors);
  if (name.includes("/")) return;
  const detail = "a fully qualified name must be a domain and a name separated by a slash";
  errors.push(invalidField(path, name, detail));
}

function validateIdentifier(id: string, path: string, errors: FieldError[]): void {
  if (id.length > maxIdBytes) errors.push(tooLongField(path, maxIdBytes));
  if (!/^[A-Za-z_]\w*$/.test(id)) errors.push(invalidField(path, id, identifierMessage));
}

export function validateToleration(toleration: V1DeviceToleration, path: string, errors: FieldError[]): void {
  const { key, operator = "", value = "", effect } = toleration;
  if (key) checkFormat(errors, `${path}.key`, key, checkQualifiedName);
  if (operator === "Exists") {
    if (value !== "") {
      errors.push(invalidField(`${path}.value`, value, "must be empty for operator `Exists`"));
    }
  } else if (operator === "Equal") checkFormat(errors, `${path}.value`, value, checkLabelValue);
  else if (operator === "") errors.push(requiredField(`${path}.operator`));
  else errors.push(notSupportedField(`${path}.operator`, operator, ["Equal", "Exists"]));
  if (effect && !effects.includes(effect)) {
    errors.push(notSupportedField(`${path}.effect`, effect, effects));
  }
}

export function validateTaint(
  { key, value, effect }: V1DeviceTaint,
  path: string,
  errors: FieldError[],
): void {
  checkFormat(errors, `${path}.key`, key, checkQualifiedName);
  if (value) checkFormat(errors, `${path}.value`, value, checkLabelValue);
  if (!effect) errors.push(requiredField(`${path}.effect`));
  else if (!effects.includes(effect)) errors.push(notSupportedField(`${path}.effect`, effect, effects));
}

/** What a driver is told; it is for the driver to understand. */
export function validateConfiguration(
  { opaque }: { readonly opaque?: V1OpaqueDeviceConfiguration },
  path: string,
  errors: FieldError[],
): void {
  if (opaque === undefined) return void errors.push(requiredField(`${path}.opaque`));
  validateDriverName(opaque.driver, `${path}.opaque.driver`, errors);
  // Decoding left JSON in it.
  const parameters = (opaque.parameters ?? null) as JsonValue;
  const place = `${path}.opaque.parameters`;
  if (parameters === null) errors.push(requiredField(place));
  else if (Buffer.byteLength(JSON.stringify(parameters)) > maxParameterBytes) {
    errors.push(tooLongField(place, maxParameterBytes));
  } else if (!isJsonObject(parameters)) {
    errors.push(invalidField(place, "<value omitted>", "must be a valid JSON object"));
  }
}

interface BindingConditions {
  readonly bindingConditions?: readonly string[];
  readonly bindingFailureConditions?: readonly string[];
}

/** The conditions by which a device tells whether it is ready: both kinds or none, and each but once. */
export function validateBindingConditions(
  device: BindingConditions,
  path: string,
  errors: FieldError[],
): void {
  const { bindingConditions = [], bindingFailureConditions = [] } = device;
  for (const [field, names] of Object.entries({ bindingConditions, bindingFailureConditions })) {
    const at = `${path}.${field}`;
    if (names.length > maxConditions) errors.push(tooManyField(at, names.length, maxConditions));
    else
      names.forEach((name, index) => {
        checkFormat(errors, `${at}[${index}]`, name, checkQualifiedName);
      });
    names.forEach((name, index) => {
      if (names.indexOf(name) < index) errors.push(duplicateField(`${at}[${index}]`, name));
      if (names !== bindingFailureConditions || !bindingConditions.includes(name)) return;
      const detail = "bindingFailureConditions must not overlap with bindingConditions";
      errors.push(invalidField(`${at}[${index}]`, name, detail));
    });
  }
  const needed = (field: string, other: string) =>
    errors.push(invalidField(`${path}.${field}`, [], `${field} are required to use ${other}`));
  const [count, failureCount] = [bindingConditions.length, bindingFailureConditions.length];
  if (count === 0 && failureCount > 0) needed("bindingConditions", "bindingFailureConditions");
  if (failureCount === 0 && count > 0) needed("bindingFailureConditions", "bindingConditions");
}
