/** Validation of volumes that a driver or a claim provides, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
  tooLongField,
} from "../../../apimachinery/field-error.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { checkFormat } from "../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import { validateLabels } from "../../../apimachinery/validation/object-meta.ts";
import type {
  V1CSIVolumeSource,
  V1EphemeralVolumeSource,
  V1PersistentVolumeClaimSpec,
} from "../../generated/types.ts";

const maxDriverNameBytes = 63;
const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const volumeModes = ["Block", "Filesystem"];

export function validateCsiSource(source: V1CSIVolumeSource, path: string, errors: FieldError[]): void {
  const { driver, nodePublishSecretRef } = source;
  if (!driver) errors.push(requiredField(`${path}.driver`));
  if (driver.length > maxDriverNameBytes) errors.push(tooLongField(`${path}.driver`, maxDriverNameBytes));
  checkFormat(errors, `${path}.driver`, driver.toLowerCase(), checkDnsSubdomain);
  if (nodePublishSecretRef && !nodePublishSecretRef.name) {
    errors.push(requiredField(`${path}.nodePublishSecretRef.name`));
  }
}

/** The claim that is made with the Pod. */
export function validateClaimTemplate(
  source: V1EphemeralVolumeSource,
  path: string,
  errors: FieldError[],
): void {
  const { volumeClaimTemplate: template } = source;
  const at = `${path}.volumeClaimTemplate`;
  if (template === undefined) {
    errors.push(requiredField(at));
    return;
  }
  const { metadata = {} } = template;
  validateLabels(metadata.labels, `${at}.labels`, errors);
  const others = Object.entries(metadata).filter(
    ([field, value]) => value !== undefined && field !== "labels" && field !== "annotations",
  );
  for (const [field] of others) {
    errors.push(forbiddenField(`${at}.metadata.${field}`, "cannot be set for an ephemeral volume"));
  }
  validateClaimSpec(template.spec, `${at}.spec`, errors);
}

/** What every claim has to say; its other rules are those of the claim's own kind. */
function validateClaimSpec(spec: V1PersistentVolumeClaimSpec, path: string, errors: FieldError[]): void {
  const { accessModes: modes = [], resources, volumeMode } = spec;
  if (modes.length === 0)
    errors.push(requiredField(`${path}.accessModes`, "at least 1 access mode is required"));
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(notSupportedField(`${path}.accessModes`, mode, accessModes));
  }
  if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    const detail = "may not use ReadWriteOncePod with other access modes";
    errors.push(forbiddenField(`${path}.accessModes`, detail));
  }
  const storage = resources?.requests?.storage;
  if (storage === undefined) errors.push(requiredField(`${path}.resources[storage]`));
  else if (parseQuantity(storage) <= 0n) {
    errors.push(invalidField(`${path}.resources[storage]`, storage, "must be greater than zero"));
  }
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) {
    errors.push(notSupportedField(`${path}.volumeMode`, volumeMode, volumeModes));
  }
}
