/** Validation of a container's environment, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  invalidField,
  notFoundField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat, checkRequiredFormat } from "../../../../apimachinery/validation/field-checks.ts";
import {
  checkConfigKey,
  checkDnsSubdomain,
  checkEnvName,
} from "../../../../apimachinery/validation/formats.ts";
import type { V1EnvFromSource, V1EnvVar, V1EnvVarSource } from "../../../generated/types.ts";
import { validateLocalPath } from "../path-validation.ts";
import type { VolumesByName } from "../volume/volume-validation.ts";
import { envFields, validateFieldRef, validateResourceFieldRef } from "./downward-validation.ts";

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] as const;
const moreThanOne = "may not have more than one field specified at a time";

export function validateEnv(
  variables: readonly V1EnvVar[],
  volumes: VolumesByName,
  path: string,
  errors: FieldError[],
): void {
  variables.forEach((variable, index) => {
    const at = `${path}[${index}]`;
    checkRequiredFormat(errors, `${at}.name`, variable.name, checkEnvName);
    const { valueFrom, value } = variable;
    if (valueFrom !== undefined) validateSource(valueFrom, value ?? "", volumes, `${at}.valueFrom`, errors);
  });
}

function validateSource(
  source: V1EnvVarSource,
  value: string,
  volumes: VolumesByName,
  path: string,
  errors: FieldError[],
): void {
  if (source.fieldRef) validateFieldRef(source.fieldRef, `${path}.fieldRef`, envFields, errors);
  if (source.resourceFieldRef) {
    validateResourceFieldRef(source.resourceFieldRef, `${path}.resourceFieldRef`, false, errors);
  }
  for (const field of ["configMapKeyRef", "secretKeyRef"] as const) {
    const reference = source[field];
    if (reference === undefined) continue;
    checkFormat(errors, `${path}.${field}.name`, reference.name ?? "", checkDnsSubdomain);
    checkRequiredFormat(errors, `${path}.${field}.key`, reference.key, checkConfigKey);
  }
  if (source.fileKeyRef) validateFileKey(source.fileKeyRef, volumes, `${path}.fileKeyRef`, errors);
  const count = sources.filter((field) => source[field] !== undefined).length;
  if (count === 0) {
    const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalidField(path, "", `must specify one of: ${list}`));
  } else if (value !== "") {
    errors.push(invalidField(path, "", "may not be specified when `value` is not empty"));
  } else if (count > 1) errors.push(invalidField(path, "", moreThanOne));
}

function validateFileKey(
  reference: NonNullable<V1EnvVarSource["fileKeyRef"]>,
  volumes: VolumesByName,
  path: string,
  errors: FieldError[],
): void {
  if (!reference.volumeName) errors.push(requiredField(`${path}.volumeName`));
  else if (!volumes.has(reference.volumeName)) {
    errors.push(notFoundField(`${path}.volumeName`, reference.volumeName));
  } else if (volumes.get(reference.volumeName)?.emptyDir === undefined) {
    errors.push(
      invalidField(`${path}.volumeName`, reference.volumeName, "referenced volume must be of type emptyDir"),
    );
  }
  if (!reference.path) errors.push(requiredField(`${path}.path`));
  else validateLocalPath(reference.path, `${path}.path`, errors);
  checkRequiredFormat(errors, `${path}.key`, reference.key, checkEnvName);
}

export function validateEnvFrom(list: readonly V1EnvFromSource[], path: string, errors: FieldError[]): void {
  list.forEach(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`;
    if (prefix) checkFormat(errors, `${at}.prefix`, prefix, checkEnvName);
    if (configMapRef) {
      checkRequiredFormat(errors, `${at}.configMapRef.name`, configMapRef.name, checkDnsSubdomain);
    }
    if (secretRef) checkRequiredFormat(errors, `${at}.secretRef.name`, secretRef.name, checkDnsSubdomain);
    if (!configMapRef && !secretRef) {
      errors.push(invalidField(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    }
    if (configMapRef && secretRef) errors.push(invalidField(path, "", moreThanOne));
  });
}
