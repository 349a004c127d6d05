/** Validation of volumes that a driver or a claim provides, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  requiredField,
  tooLongField,
} from "../../../../apimachinery/field-error.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../../apimachinery/validation/formats.ts";
import { validateLabels } from "../../../../apimachinery/validation/object-meta.ts";
import type { V1CSIVolumeSource, V1EphemeralVolumeSource } from "../../../generated/types.ts";
import { validateClaimSpec } from "./persistent-volume-claim-validation.ts";

const maxDriverNameBytes = 63;

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
