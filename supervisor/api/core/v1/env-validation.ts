/** Validation of a container's environment, with the texts of kubernetes `pkg/apis/core/validation`. */
import { type FieldError, invalidField, requiredField } from "../../../apimachinery/field-error.ts";
import { checkConfigKey, checkEnvName } from "../../../apimachinery/validation/formats.ts";
import type { V1Container, V1EnvVar, V1EnvVarSource, V1EphemeralContainer } from "../../generated/types.ts";

export function validateEnv(
  container: V1Container | V1EphemeralContainer,
  path: string,
  errors: FieldError[],
): void {
  (container.env ?? []).forEach((variable, index) => {
    validateVariable(variable, `${path}.env[${index}]`, errors);
  });
  (container.envFrom ?? []).forEach((source, index) => {
    const at = `${path}.envFrom[${index}]`;
    const { configMapRef, secretRef } = source;
    if (configMapRef && secretRef) {
      errors.push(invalidField(at, "", "may not have more than one field specified at a time"));
    }
    if (!configMapRef && !secretRef) {
      errors.push(invalidField(at, "", "must specify one of: `configMapRef` or `secretRef`"));
    }
    if (configMapRef && !configMapRef.name) errors.push(requiredField(`${at}.configMapRef.name`));
    if (secretRef && !secretRef.name) errors.push(requiredField(`${at}.secretRef.name`));
  });
}

function validateVariable(variable: V1EnvVar, path: string, errors: FieldError[]): void {
  if (!variable.name) errors.push(requiredField(`${path}.name`));
  else {
    for (const message of checkEnvName(variable.name)) {
      errors.push(invalidField(`${path}.name`, variable.name, message));
    }
  }
  if (variable.valueFrom === undefined) return;
  validateSource(variable.valueFrom, `${path}.valueFrom`, errors);
  if (variable.value) {
    errors.push(invalidField(`${path}.valueFrom`, "", "may not be specified when `value` is not empty"));
  }
}

function validateSource(source: V1EnvVarSource, path: string, errors: FieldError[]): void {
  const count = Object.values(source).filter((value) => value !== undefined).length;
  if (count === 0) {
    const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
    errors.push(invalidField(path, "", `must specify one of: ${list}`));
  }
  if (count > 1) errors.push(invalidField(path, "", "may not have more than one field specified at a time"));
  if (source.fieldRef && !source.fieldRef.fieldPath) errors.push(requiredField(`${path}.fieldRef.fieldPath`));
  if (source.resourceFieldRef && !source.resourceFieldRef.resource) {
    errors.push(requiredField(`${path}.resourceFieldRef.resource`));
  }
  for (const field of ["configMapKeyRef", "secretKeyRef"] as const) {
    const reference = source[field];
    if (reference === undefined) continue;
    if (!reference.name) errors.push(requiredField(`${path}.${field}.name`));
    if (!reference.key) errors.push(requiredField(`${path}.${field}.key`));
    else {
      for (const message of checkConfigKey(reference.key)) {
        errors.push(invalidField(`${path}.${field}.key`, reference.key, message));
      }
    }
  }
}
