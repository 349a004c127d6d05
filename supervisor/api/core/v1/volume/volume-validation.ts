/** Validation of a Pod's volumes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { checkRequiredFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../../apimachinery/validation/formats.ts";
import type { V1Volume } from "../../../generated/types.ts";
import { volumeSourceChecks } from "./volume-source-validation.ts";

/** The valid volumes, for the mounts. */
export type VolumesByName = ReadonlyMap<string, V1Volume>;

const noVolumes: VolumesByName = new Map();

/** Sources whose refusal names another field than their own (upstream's spelling). */
const refusedAs: Readonly<Record<string, string>> = { cephfs: "cephFS", downwardAPI: "downwarAPI" };

/** `podName` is absent in templates, whose Pods have no name yet. */
export function validateVolumes(
  volumes: readonly V1Volume[] | undefined,
  podName: string | undefined,
  path: string,
  errors: FieldError[],
): VolumesByName {
  if (volumes === undefined || volumes.length === 0) return noVolumes;
  const valid = new Map<string, V1Volume>();
  const created = new Set<string>();
  if (podName) for (const { name, ephemeral } of volumes) if (ephemeral) created.add(`${podName}-${name}`);
  volumes.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const before = errors.length;
    validateSource(volume, podName, at, errors);
    checkRequiredFormat(errors, `${at}.name`, volume.name, checkDnsLabel);
    if (valid.has(volume.name)) errors.push(duplicateField(`${at}.name`, volume.name));
    if (errors.length === before) valid.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && created.has(claim)) {
      const detail = "must not reference a PVC that gets created for an ephemeral volume";
      errors.push(invalidField(`${at}.persistentVolumeClaim.claimName`, claim, detail));
    }
  });
  return valid;
}

function validateSource(
  volume: V1Volume,
  podName: string | undefined,
  path: string,
  errors: FieldError[],
): void {
  let found = false;
  for (const [field, check] of volumeSourceChecks) {
    const source = volume[field];
    if (source === undefined) continue;
    if (found) {
      errors.push(
        forbiddenField(`${path}.${refusedAs[field] ?? field}`, "may not specify more than 1 volume type"),
      );
      continue;
    }
    found = true;
    if (field === "image" && podName !== undefined && !volume.image?.reference) {
      errors.push(requiredField(`${path}.image.reference`));
    }
    // The check stands under the field whose source it takes.
    (check as (source: unknown, path: string, errors: FieldError[]) => void)(
      source,
      `${path}.${field}`,
      errors,
    );
  }
  if (!found) errors.push(requiredField(path, "must specify a volume type"));
  const { iscsi, ephemeral, name } = volume;
  if (iscsi?.initiatorName !== undefined && `${name}:${iscsi.targetPortal}`.length > 64) {
    const detail =
      "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
    errors.push(invalidField(`${path}.name`, name, detail));
  }
  if (ephemeral && podName && name) {
    const claim = `${podName}-${name}`;
    for (const message of checkDnsSubdomain(claim)) {
      errors.push(invalidField(`${path}.name`, name, `PVC name ${JSON.stringify(claim)}: ${message}`));
    }
  }
}
