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
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvName,
} from "../../../../apimachinery/validation/formats.ts";
import type { V1EnvFromSource, V1EnvVar, V1EnvVarSource, V1PodSpec } from "../../../generated/types.ts";
import { validateNoBacksteps } from "../path-validation.ts";
import { envFields, validateFieldRef, validateResourceFieldRef } from "./downward-validation.ts";
import { eachContainer } from "./each-container.ts";

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] as const;
const moreThanOne = "may not have more than one field specified at a time";

export function validateEnv(variables: readonly V1EnvVar[], path: string, errors: FieldError[]): void {
  variables.forEach((variable, index) => {
    const at = `${path}[${index}]`;
    checkRequiredFormat(errors, `${at}.name`, variable.name, checkEnvName);
    const { valueFrom, value } = variable;
    if (valueFrom !== undefined) validateSource(valueFrom, value ?? "", `${at}.valueFrom`, errors);
  });
}

function validateSource(source: V1EnvVarSource, value: string, path: string, errors: FieldError[]): void {
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
  if (source.fileKeyRef) validateFileKey(source.fileKeyRef, `${path}.fileKeyRef`, errors);
  const count = sources.filter((field) => source[field] !== undefined).length;
  if (count === 0) {
    const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalidField(path, "", `must specify one of: ${list}`));
  } else if (value !== "") {
    errors.push(invalidField(path, "", "may not be specified when `value` is not empty"));
  } else if (count > 1) errors.push(invalidField(path, "", moreThanOne));
}

function validateFileKey(
  { key, volumeName, path: file }: NonNullable<V1EnvVarSource["fileKeyRef"]>,
  path: string,
  errors: FieldError[],
): void {
  checkRequiredFormat(errors, `${path}.key`, key, checkEnvName);
  checkRequiredFormat(errors, `${path}.volumeName`, volumeName, checkDnsLabel);
  if (!file) errors.push(requiredField(`${path}.path`));
  else validateNoBacksteps(file, `${path}.path`, errors);
}

/** Files of variables lie on volumes of the Pod alone. */
export function validateFileKeyVolumes(spec: V1PodSpec, path: string, errors: FieldError[]): void {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  eachContainer(spec, path, ({ env }, at) => {
    env?.forEach(({ valueFrom }, index) => {
      if (valueFrom?.fileKeyRef === undefined) return;
      const { volumeName } = valueFrom.fileKeyRef;
      const field = `${at}.env[${index}].valueFrom.fileKeyRef.volumeName`;
      const volume = volumes.get(volumeName);
      if (volume === undefined) errors.push(notFoundField(field, volumeName));
      else if (volume.emptyDir === undefined) {
        errors.push(invalidField(field, volumeName, "referenced volume must be of type emptyDir"));
      }
    });
  });
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
