/** Validation of PersistentVolumeClaims, with the texts of kubernetes `pkg/apis/core/validation`. */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../../apimachinery/field-error.ts";
import { equalJson } from "../../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../../apimachinery/mutable.ts";
import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import { jsonDiff } from "../../../../apimachinery/unified-diff.ts";
import { checkFormat } from "../../../../apimachinery/validation/field-checks.ts";
import { checkDnsSubdomain, nonNegativeMessage } from "../../../../apimachinery/validation/formats.ts";
import { validateLabelSelector } from "../../../../apimachinery/validation/label-selector.ts";
import type {
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimSpec,
  V1TypedObjectReference,
} from "../../../generated/types.ts";

type Spec = V1PersistentVolumeClaimSpec;
type Claim = Pick<V1PersistentVolumeClaim, "spec" | "status"> & {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
};

export const oldClassAnnotation = "volume.beta.kubernetes.io/storage-class";

const accessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const volumeModes = ["Block", "Filesystem"];
const onlyGrows =
  "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** What claims and volumes may be used for. */
export function validateAccessModes(
  modes: readonly string[],
  field: string,
  detail: string,
  errors: FieldError[],
): void {
  if (modes.length === 0) errors.push(requiredField(field, detail));
  for (const mode of modes) {
    if (!accessModes.includes(mode)) errors.push(notSupportedField(field, mode, accessModes));
  }
  if (modes.includes("ReadWriteOncePod") && modes.length > 1) {
    errors.push(forbiddenField(field, "may not use ReadWriteOncePod with other access modes"));
  }
}

export function validateVolumeMode(mode: string | undefined, field: string, errors: FieldError[]): void {
  if (mode === undefined || volumeModes.includes(mode)) return;
  errors.push(notSupportedField(field, mode, volumeModes));
}

/** A claim's spec, also where it is a template's. */
export function validateClaimSpec(spec: Spec, path: string, errors: FieldError[]): void {
  const { accessModes: modes = [], resources, selector, storageClassName, volumeMode } = spec;
  validateAccessModes(modes, `${path}.accessModes`, "at least 1 access mode is required", errors);
  validateLabelSelector(selector, `${path}.selector`, errors);
  const storage = resources?.requests?.storage;
  const storagePath = `${path}.resources[storage]`;
  if (storage === undefined) errors.push(requiredField(storagePath));
  else if (parseQuantity(storage) <= 0n) {
    errors.push(invalidField(storagePath, storage, "must be greater than zero"));
  }
  if (storageClassName) checkFormat(errors, `${path}.storageClassName`, storageClassName, checkDnsSubdomain);
  validateVolumeMode(volumeMode, `${path}.volumeMode`, errors);
  validateSources(spec, path, errors);
  const { volumeAttributesClassName: attributes } = spec;
  if (attributes) checkFormat(errors, `${path}.volumeAttributesClassName`, attributes, checkDnsSubdomain);
}

function validateSources({ dataSource, dataSourceRef }: Spec, path: string, errors: FieldError[]): void {
  if (dataSource !== undefined) validateReference(dataSource, `${path}.dataSource`, errors);
  if (dataSourceRef === undefined) return;
  validateReference(dataSourceRef, `${path}.dataSourceRef`, errors);
  if (dataSourceRef.namespace) {
    if (dataSource === undefined) return;
    const detail = "may not be specified when dataSourceRef.namespace is specified";
    errors.push(invalidField(`${path}.dataSource`, dataSource.name, detail));
  } else if (dataSource !== undefined && !isSameReference(dataSource, dataSourceRef)) {
    errors.push(invalidField(path, dataSource.name, "must match dataSourceRef"));
  }
}

function validateReference(reference: V1TypedObjectReference, path: string, errors: FieldError[]): void {
  const { apiGroup, kind, name } = reference;
  if (!name) errors.push(requiredField(`${path}.name`));
  if (!kind) errors.push(requiredField(`${path}.kind`));
  if (!apiGroup && kind !== "PersistentVolumeClaim") {
    const detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalidField(path, kind, detail));
  }
}

function isSameReference(one: V1TypedObjectReference, other: V1TypedObjectReference): boolean {
  return (["apiGroup", "kind", "name"] as const).every((field) => one[field] === other[field]);
}

/** What `dataSource` could always say: a claim or a snapshot. */
function isClassic({ apiGroup = "", kind }: V1TypedObjectReference): boolean {
  if (apiGroup === "") return kind === "PersistentVolumeClaim";
  return apiGroup === "snapshot.storage.k8s.io" && kind === "VolumeSnapshot";
}

/** The two fields for a data source say the same wherever both can (kubernetes `NormalizeDataSources`). */
export function normalizeDataSources(spec: Mutable<Spec> | undefined, old?: Spec): void {
  if (spec === undefined) return;
  if (spec.dataSource !== undefined && old?.dataSource === undefined && !isClassic(spec.dataSource)) {
    delete spec.dataSource;
  }
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef !== undefined && dataSource === undefined && !dataSourceRef.namespace) {
    const { namespace: _, ...reference } = dataSourceRef;
    spec.dataSource = reference;
  }
}

export function validateClaim({ spec = {} }: Claim): FieldError[] {
  const errors: FieldError[] = [];
  validateClaimSpec(spec, "spec", errors);
  return errors;
}

export function validateClaimUpdate(claim: Claim, old: Claim): FieldError[] {
  const errors = validateClaim(claim);
  const { spec = {}, status = {} } = claim;
  const { spec: oldSpec = {}, metadata: oldMeta = {}, status: oldStatus = {} } = old;
  const annotation = claim.metadata?.annotations?.[oldClassAnnotation];
  const oldAnnotation = oldMeta.annotations?.[oldClassAnnotation];
  const takesClass =
    oldSpec.storageClassName === undefined &&
    (oldAnnotation === undefined
      ? !annotation
      : annotation === undefined && spec.storageClassName === oldAnnotation);
  if (!takesClass && (annotation ?? "") !== (oldAnnotation ?? "")) {
    errors.push(immutableField(`metadata.annotations[${oldClassAnnotation}]`, annotation ?? ""));
  }
  const taken = [
    "volumeAttributesClassName" as const,
    ...(oldSpec.volumeName ? [] : ["volumeName" as const]),
    ...(takesClass ? ["storageClassName" as const] : []),
  ];
  const isBound = status.phase === "Bound";
  const [kept, oldKept] = [without(spec, taken, isBound), without(oldSpec, taken, isBound)];
  if (!equalJson(kept, oldKept))
    errors.push(forbiddenField("spec", `${onlyGrows}\n${jsonDiff(kept, oldKept)}`));
  const [size, oldSize] = [amount(spec), amount(oldSpec)];
  if (size < oldSize && size <= parseQuantity(oldStatus.capacity?.storage ?? "0")) {
    errors.push(
      forbiddenField("spec.resources.requests.storage", "field can not be less than status.capacity"),
    );
  }
  if (spec.volumeMode !== oldSpec.volumeMode) errors.push(immutableField("volumeMode", spec.volumeMode));
  validateAttributesChange(spec, oldSpec, errors);
  return errors;
}

/** What of a claim has to stay. */
function without(spec: Spec, fields: ReadonlyArray<keyof Spec>, isBound: boolean): object {
  const kept = Object.fromEntries(
    Object.entries(spec).filter(([field]) => !fields.some((taken) => taken === field)),
  );
  if (!isBound) return kept;
  const { storage: _, ...requests } = spec.resources?.requests ?? {};
  return { ...kept, resources: { ...spec.resources, requests } };
}

function amount({ resources }: Spec): bigint {
  return parseQuantity(resources?.requests?.storage ?? "0");
}

/** Once a volume has attributes of a class it keeps being of some. */
export function validateAttributesChange(
  { volumeAttributesClassName: now }: Pick<Spec, "volumeAttributesClassName">,
  { volumeAttributesClassName: then }: Pick<Spec, "volumeAttributesClassName">,
  errors: FieldError[],
): void {
  if (then === undefined || now === then) return;
  const field = "spec.volumeAttributesClassName";
  if (now === undefined) {
    errors.push(forbiddenField(field, "update from non-nil value to nil is forbidden"));
  } else if (now === "") {
    errors.push(forbiddenField(field, "update from non-nil value to an empty string is forbidden"));
  }
}

export function validateClaimStatus({ spec, status = {} }: Claim): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec?.accessModes?.length) errors.push(requiredField("spec.accessModes"));
  for (const field of ["capacity", "allocatedResources"] as const) {
    for (const [name, value] of Object.entries(status[field] ?? {})) {
      if (parseQuantity(value) >= 0n) continue;
      errors.push(invalidField(`status.${field}[${name}]`, value, nonNegativeMessage));
    }
  }
  return errors;
}
