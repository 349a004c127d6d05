/** Validation of PersistentVolumes, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { equalJson } from "../../../../apimachinery/json/json-value.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { jsonDiff } from "../../../../apimachinery/unified-diff.ts";
import { checkFormat, checkOneOf } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain } from "../../../../apimachinery/validation/formats.ts";
import type {
  V1CSIPersistentVolumeSource,
  V1PersistentVolume,
  V1PersistentVolumeSpec,
  V1SecretReference,
} from "../../../generated/types.ts";
import { validateDriverName } from "../../../storage/v1/csi-validation.ts";
import { validateNodeSelector } from "../node-selector-validation.ts";
import { validateNoBacksteps } from "../path-validation.ts";
import {
  validateAccessModes,
  validateAttributesChange,
  validateVolumeMode,
} from "./persistent-volume-claim-validation.ts";
import { volumeSourceChecks } from "./volume-source-validation.ts";

type Spec = V1PersistentVolumeSpec;
type Volume = Pick<V1PersistentVolume, "spec">;

/** What a spec says of itself; every other field is a source. */
const plainFields: ReadonlySet<string> = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
]);
const sharedChecks: ReadonlyMap<string, unknown> = new Map(volumeSourceChecks);

export function validatePersistentVolume({ spec = {} }: Volume): FieldError[] {
  const errors: FieldError[] = [];
  validateAccessModes(spec.accessModes ?? [], "spec.accessModes", "", errors);
  validateCapacity(spec.capacity, errors);
  const { nodeAffinity, persistentVolumeReclaimPolicy: policy, storageClassName } = spec;
  if (policy) {
    checkOneOf(errors, "spec.persistentVolumeReclaimPolicy", policy, ["Delete", "Recycle", "Retain"]);
  }
  if (nodeAffinity !== undefined) {
    const path = "spec.nodeAffinity.required";
    if (nodeAffinity.required !== undefined) validateNodeSelector(nodeAffinity.required, path, errors);
    else errors.push(requiredField(path, "must specify required node constraints"));
  }
  validateSource(spec, errors);
  if (spec.hostPath?.path === "/" && policy === "Recycle") {
    const detail = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbiddenField("spec.persistentVolumeReclaimPolicy", detail));
  }
  if (storageClassName) checkFormat(errors, "spec.storageClassName", storageClassName, checkDnsSubdomain);
  validateVolumeMode(spec.volumeMode, "spec.volumeMode", errors);
  validateAttributesClassName(spec, errors);
  return errors;
}

function validateCapacity(
  capacity: Readonly<Record<string, string>> | undefined,
  errors: FieldError[],
): void {
  const entries = Object.entries(capacity ?? {});
  if (entries.length === 0) errors.push(requiredField("spec.capacity"));
  if (capacity?.storage === undefined || entries.length > 1) {
    errors.push(notSupportedField("spec.capacity", capacity, ["storage"]));
  }
  for (const [name, amount] of entries) {
    if (parseQuantity(amount) > 0n) continue;
    errors.push(invalidField(`spec.capacity[${name}]`, amount, "must be greater than zero"));
  }
}

function validateSource(spec: Spec, errors: FieldError[]): void {
  const sources = Object.entries(spec).filter(
    ([field, value]) => value !== undefined && !plainFields.has(field),
  );
  if (sources.length === 0) errors.push(requiredField("spec", "must specify a volume type"));
  sources.forEach(([field, source], index) => {
    const path = `spec.${field}`;
    if (index > 0) errors.push(forbiddenField(path, "may not specify more than 1 volume type"));
    else if (field === "csi") validateCsi(source as V1CSIPersistentVolumeSource, path, errors);
    else if (field === "local") validateLocal(spec, path, errors);
    else {
      // The checks of the same field in a Pod's volumes, whose source has the same required fields.
      const check = sharedChecks.get(field) as
        | ((source: unknown, path: string, errors: FieldError[]) => void)
        | undefined;
      check?.(source, path, errors);
    }
  });
}

function validateLocal({ local, nodeAffinity }: Spec, path: string, errors: FieldError[]): void {
  if (!local?.path) errors.push(requiredField(`${path}.path`));
  else validateNoBacksteps(local.path, `${path}.path`, errors);
  if (nodeAffinity === undefined) {
    errors.push(requiredField("spec.nodeAffinity", "Local volume requires node affinity"));
  }
}

const secretFields = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function validateCsi(source: V1CSIPersistentVolumeSource, path: string, errors: FieldError[]): void {
  validateDriverName(source.driver, `${path}.driver`, errors);
  if (!source.volumeHandle) errors.push(requiredField(`${path}.volumeHandle`));
  for (const field of secretFields) validateSecret(source[field], `${path}.${field}`, errors);
}

function validateSecret(secret: V1SecretReference | undefined, path: string, errors: FieldError[]): void {
  if (secret === undefined) return;
  for (const field of ["name", "namespace"] as const) {
    if (secret[field]) checkFormat(errors, `${path}.${field}`, secret[field], checkDnsSubdomain);
    else errors.push(requiredField(`${path}.${field}`));
  }
}

function validateAttributesClassName(
  { csi, volumeAttributesClassName: name }: Spec,
  errors: FieldError[],
): void {
  if (name === undefined) return;
  const field = "spec.volumeAttributesClassName";
  if (name === "") errors.push(requiredField(field, "an empty string is disallowed"));
  else checkFormat(errors, field, name, checkDnsSubdomain);
  if (csi === undefined) {
    errors.push(requiredField("spec.csi", "has to be specified when using volumeAttributesClassName"));
  }
}

export function validatePersistentVolumeUpdate(volume: Volume, old: Volume): FieldError[] {
  const errors = validatePersistentVolume(volume);
  const { spec = {} } = volume;
  const { spec: oldSpec = {} } = old;
  const [source, oldSource] = [sourceOf(spec, oldSpec), sourceOf(oldSpec, oldSpec)];
  if (!equalJson(source, oldSource)) {
    const detail = `spec.persistentvolumesource is immutable after creation\n${jsonDiff(source, oldSource)}`;
    errors.push(forbiddenField("spec.persistentvolumesource", detail));
  }
  if (spec.volumeMode !== oldSpec.volumeMode) errors.push(immutableField("volumeMode", spec.volumeMode));
  if (oldSpec.nodeAffinity !== undefined && !equalJson(spec.nodeAffinity, oldSpec.nodeAffinity)) {
    errors.push(immutableField("nodeAffinity", spec.nodeAffinity));
  }
  validateAttributesChange(spec, oldSpec, errors);
  return errors;
}

/** A spec's source, without the one secret that may be named later. */
function sourceOf(spec: Spec, old: Spec): object {
  const source = Object.fromEntries(Object.entries(spec).filter(([field]) => !plainFields.has(field)));
  if (spec.csi === undefined || old.csi === undefined || old.csi.controllerExpandSecretRef) return source;
  const { controllerExpandSecretRef: _, ...csi } = spec.csi;
  return { ...source, csi };
}
