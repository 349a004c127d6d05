/** Validation of `metadata`, for every kind alike (apimachinery `pkg/api/validation/objectmeta.go`). */
import {
  type FieldError,
  forbiddenField,
  immutableField,
  invalidField,
  requiredField,
  tooLongField,
} from "../field-error.ts";
import type { ObjectMeta, OwnerReference } from "../object-meta.ts";
import {
  checkDnsLabel,
  checkLabelValue,
  checkQualifiedName,
  type FormatCheck,
  nonNegativeMessage,
} from "./formats.ts";

const maxAnnotationBytes = 256 * 1024;
const orphanFinalizer = "orphan";
const foregroundFinalizer = "foregroundDeletion";
const standardFinalizers: ReadonlySet<string> = new Set([orphanFinalizer, foregroundFinalizer, "kubernetes"]);

export interface MetaRules {
  readonly namespaced: boolean;
  readonly checkName: FormatCheck;
  /** Whether a finalizer without a domain has to be one of Kubernetes' own. */
  readonly qualifiedFinalizers?: boolean;
}

export function validateObjectMeta(meta: ObjectMeta, rules: MetaRules): FieldError[] {
  const errors: FieldError[] = [];
  validateNames(meta, rules, errors);
  validateNamespace(meta, rules.namespaced, errors);
  if ((meta.generation ?? 0) < 0) {
    errors.push(invalidField("metadata.generation", meta.generation, nonNegativeMessage));
  }
  validateLabels(meta.labels, "metadata.labels", errors);
  validateAnnotations(meta.annotations, "metadata.annotations", errors);
  validateOwners(meta.ownerReferences ?? [], errors);
  validateFinalizers(meta.finalizers ?? [], errors);
  if (rules.qualifiedFinalizers) validateQualified(meta.finalizers ?? [], errors);
  return errors;
}

/** Kubernetes `validateKubeFinalizerName`. */
function validateQualified(finalizers: readonly string[], errors: FieldError[]): void {
  const detail = "name is neither a standard finalizer name nor is it fully qualified";
  finalizers.forEach((finalizer, index) => {
    if (finalizer.includes("/") || standardFinalizers.has(finalizer)) return;
    errors.push(invalidField(`metadata.finalizers[${index}]`, finalizer, detail));
  });
}

function validateNames(meta: ObjectMeta, rules: MetaRules, errors: FieldError[]): void {
  const { generateName, name } = meta;
  if (generateName) {
    // The text before the random suffix may end where a whole name must not.
    const probe = generateName.endsWith("-") ? `${generateName.slice(0, -1)}a` : generateName;
    for (const message of rules.checkName(probe)) {
      errors.push(invalidField("metadata.generateName", generateName, message));
    }
  }
  if (!name) errors.push(requiredField("metadata.name", "name or generateName is required"));
  else for (const message of rules.checkName(name)) errors.push(invalidField("metadata.name", name, message));
}

function validateNamespace(meta: ObjectMeta, namespaced: boolean, errors: FieldError[]): void {
  const namespace = meta.namespace ?? "";
  if (!namespaced) {
    if (namespace !== "") errors.push(forbiddenField("metadata.namespace", "not allowed on this type"));
  } else if (namespace === "") errors.push(requiredField("metadata.namespace"));
  else {
    for (const message of checkDnsLabel(namespace)) {
      errors.push(invalidField("metadata.namespace", namespace, message));
    }
  }
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  field: string,
  errors: FieldError[],
): void {
  for (const key in labels) {
    for (const message of checkQualifiedName(key)) errors.push(invalidField(field, key, message));
    const value = labels[key] ?? "";
    for (const message of checkLabelValue(value)) errors.push(invalidField(field, value, message));
  }
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
  errors: FieldError[],
): void {
  let bytes = 0;
  for (const key in annotations) {
    for (const message of checkQualifiedName(key.toLowerCase())) {
      errors.push(invalidField(field, key, message));
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] ?? "");
  }
  if (bytes > maxAnnotationBytes) errors.push(tooLongField(field, maxAnnotationBytes));
}

function validateOwners(owners: readonly OwnerReference[], errors: FieldError[]): void {
  const path = "metadata.ownerReferences";
  let controller: string | undefined;
  owners.forEach((owner, index) => {
    for (const field of ["apiVersion", "kind", "name", "uid"] as const) {
      if (!owner[field]) errors.push(requiredField(`${path}[${index}].${field}`, "must not be empty"));
    }
    if (!owner.controller) return;
    const name = `${owner.kind}/${owner.name}`;
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      errors.push(invalidField(path, owners, detail));
    }
    controller ??= name;
  });
}

function validateFinalizers(finalizers: readonly string[], errors: FieldError[]): void {
  for (const finalizer of finalizers) {
    for (const message of checkQualifiedName(finalizer)) {
      errors.push(invalidField("metadata.finalizers", finalizer, message));
    }
  }
  if (finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)) {
    const detail = `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`;
    errors.push(invalidField("metadata.finalizers", finalizers, detail));
  }
}

/** What an update may not do to `metadata`. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const path = "metadata";
  if (old.deletionTimestamp !== undefined) {
    const known = old.finalizers ?? [];
    const added = (meta.finalizers ?? []).filter((finalizer) => !known.includes(finalizer)).sort();
    if (added.length > 0) {
      const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
      errors.push(forbiddenField(`${path}.finalizers`, detail));
    }
  }
  if (!meta.resourceVersion) {
    errors.push(invalidField(`${path}.resourceVersion`, "", "must be specified for an update"));
  }
  const immutable = [
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ] as const;
  for (const field of immutable) {
    if ((meta[field] ?? "") !== (old[field] ?? ""))
      errors.push(immutableField(`${path}.${field}`, meta[field] ?? null));
  }
  return errors;
}
