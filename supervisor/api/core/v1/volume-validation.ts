/** Validation of volumes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { checkDnsLabel } from "../../../apimachinery/validation/formats.ts";
import type { V1KeyToPath, V1Volume } from "../../generated/types.ts";

/** The names of all volumes, for the mounts. */
export function validateVolumes(
  volumes: readonly V1Volume[],
  path: string,
  errors: FieldError[],
): ReadonlySet<string> {
  const names = new Set<string>();
  volumes.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    if (!volume.name) errors.push(requiredField(`${at}.name`));
    else {
      for (const message of checkDnsLabel(volume.name)) {
        errors.push(invalidField(`${at}.name`, volume.name, message));
      }
      if (names.has(volume.name)) errors.push(duplicateField(`${at}.name`, volume.name));
      names.add(volume.name);
    }
    validateSource(volume, at, errors);
  });
  return names;
}

function validateSource(volume: V1Volume, path: string, errors: FieldError[]): void {
  const sources = Object.entries(volume)
    .filter(([field, value]) => field !== "name" && value !== undefined)
    .map(([field]) => field);
  if (sources.length === 0) errors.push(requiredField(path, "must specify a volume type"));
  for (const source of sources.slice(1)) {
    errors.push(forbiddenField(`${path}.${source}`, "may not specify more than 1 volume type"));
  }
  const { secret, configMap, hostPath, persistentVolumeClaim } = volume;
  if (secret) {
    if (!secret.secretName) errors.push(requiredField(`${path}.secret.secretName`));
    validateItems(secret.items ?? [], `${path}.secret.items`, errors);
  }
  if (configMap) {
    if (!configMap.name) errors.push(requiredField(`${path}.configMap.name`));
    validateItems(configMap.items ?? [], `${path}.configMap.items`, errors);
  }
  if (hostPath) {
    if (!hostPath.path) errors.push(requiredField(`${path}.hostPath.path`));
    else if (hostPath.path.split("/").includes("..")) {
      errors.push(invalidField(`${path}.hostPath.path`, hostPath.path, "must not contain '..'"));
    }
  }
  if (persistentVolumeClaim && !persistentVolumeClaim.claimName) {
    errors.push(requiredField(`${path}.persistentVolumeClaim.claimName`));
  }
}

function validateItems(items: readonly V1KeyToPath[], path: string, errors: FieldError[]): void {
  items.forEach((item, index) => {
    const at = `${path}[${index}]`;
    if (!item.key) errors.push(requiredField(`${at}.key`));
    if (!item.path) errors.push(requiredField(`${at}.path`));
    else if (item.path.startsWith("/")) {
      errors.push(invalidField(`${at}.path`, item.path, "must be a relative path"));
    } else if (item.path.split("/").includes("..")) {
      errors.push(invalidField(`${at}.path`, item.path, "must not contain '..'"));
    }
    if (item.mode !== undefined && (item.mode < 0 || item.mode > 0o777)) {
      const detail = "must be a number between 0 and 0777 (octal), both inclusive";
      errors.push(invalidField(`${at}.mode`, item.mode, detail));
    }
  });
}
