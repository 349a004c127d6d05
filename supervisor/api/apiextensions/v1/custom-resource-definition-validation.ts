/** Validation of CustomResourceDefinitions (apiextensions-apiserver `pkg/apis/apiextensions/validation`). */

import {
  type FieldError,
  immutableField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import type { ObjectMeta } from "../../../apimachinery/object-meta.ts";
import { checkDns1035Label, checkDnsSubdomain } from "../../../apimachinery/validation/formats.ts";
import type {
  V1CustomResourceDefinition,
  V1CustomResourceDefinitionNames,
  V1CustomResourceDefinitionSpec,
  V1CustomResourceDefinitionVersion,
} from "../../generated/types.ts";
import { approvalErrors } from "./api-approval.ts";
import { isCaBundle, validateConversion } from "./conversion-validation.ts";
import { internalSpec } from "./internal-spec.ts";
import { validateSchema } from "./schema-validation.ts";
import { validateColumns, validateSelectableFields, validateSubresources } from "./version-validation.ts";

type Definition = Pick<V1CustomResourceDefinition, "spec" | "status"> & {
  readonly metadata: Pick<ObjectMeta, "name" | "annotations">;
};

/** What Go's `unicode.IsPrint` is false for. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

/** A definition's name is its resource's. */
function nameErrors({ metadata, spec }: Definition): readonly FieldError[] {
  const { name = "" } = metadata;
  if (name === "" || name === `${spec.names.plural}.${spec.group}`) return [];
  return [invalidField("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];
}

export function validateDefinition(definition: Definition): readonly FieldError[] {
  return [...nameErrors(definition), ...commonErrors(definition, undefined)];
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): readonly FieldError[] {
  const { spec } = definition;
  const errors = [...commonErrors(definition, old)];
  if (isEstablished(old)) {
    if (spec.scope !== old.spec.scope) errors.push(immutableField("spec.scope", spec.scope));
    if (spec.names.kind !== old.spec.names.kind)
      errors.push(immutableField("spec.names.kind", spec.names.kind));
  }
  if (spec.group !== old.spec.group) errors.push(immutableField("spec.group", spec.group));
  if (spec.names.plural !== old.spec.names.plural) {
    errors.push(immutableField("spec.names.plural", spec.names.plural));
  }
  return errors;
}

/** Whether the names have been taken and objects may exist. */
function isEstablished({ status }: Pick<V1CustomResourceDefinition, "status">): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: state }) => type === "Established" && state === "True",
  );
}

function commonErrors(definition: Definition, old: Definition | undefined): readonly FieldError[] {
  return [
    ...specErrors(definition, old),
    ...validateStatus(definition),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, old),
    ...preservationErrors(definition.spec, old?.spec),
  ];
}

function joined(field: string, value: string, complaints: readonly string[]): readonly FieldError[] {
  return complaints.length === 0 ? [] : [invalidField(field, value, complaints.join(","))];
}

function specErrors({ spec }: Definition, old: Definition | undefined): readonly FieldError[] {
  const parts = internalSpec(spec);
  const hasStatus = hasStatusPart(spec);
  // What stands already was checked when it came.
  const known =
    old === undefined || hasStatusPart(old.spec) !== hasStatus ? [] : internalSpec(old.spec).schemas;
  const fresh = parts.schemas.filter(({ value }) => !known.some((other) => equalJson(other.value, value)));
  return [
    ...groupErrors(spec),
    ...scopeErrors(spec),
    ...missingSchemas(spec),
    ...spec.versions.flatMap(versionErrors),
    ...versionListErrors(spec),
    ...requiredNames(spec.names),
    ...validateNames(spec.names, "spec.names"),
    ...fresh.flatMap(({ path, value }) => validateSchema(value, path, hasStatus)),
    ...parts.subresources.flatMap(({ path, value }) => validateSubresources(value, path)),
    ...parts.columns.flatMap(({ path, value }) => validateColumns(value, path)),
    ...parts.selectableFields.flatMap(({ path, value, schema }) =>
      validateSelectableFields(value, schema, path),
    ),
    ...validateConversion(spec.conversion, mayHaveInvalidBundle(old)),
  ];
}

/** Until a definition is established its CA bundle need not be one yet, nor where it was none before. */
function mayHaveInvalidBundle(old: Definition | undefined): boolean {
  const before = old?.spec.conversion?.webhook?.clientConfig?.caBundle ?? "";
  return old === undefined || !isEstablished(old) || (before !== "" && !isCaBundle(before));
}

function hasStatusPart({ versions }: V1CustomResourceDefinitionSpec): boolean {
  return versions.some(({ subresources }) => subresources?.status !== undefined);
}

function groupErrors({ group }: V1CustomResourceDefinitionSpec): readonly FieldError[] {
  if (group === "") return [requiredField("spec.group")];
  const complaints = checkDnsSubdomain(group);
  if (complaints.length > 0) return joined("spec.group", group, complaints);
  if (group.includes(".")) return [];
  return [invalidField("spec.group", group, "should be a domain with at least one dot")];
}

function scopeErrors({ scope }: V1CustomResourceDefinitionSpec): readonly FieldError[] {
  const scopes = ["Cluster", "Namespaced"];
  if (scope === "") return [requiredField("spec.scope")];
  return scopes.includes(scope) ? [] : [notSupportedField("spec.scope", scope, scopes)];
}

function missingSchemas({ versions }: V1CustomResourceDefinitionSpec): readonly FieldError[] {
  return versions.flatMap(({ schema }, index) =>
    schema?.openAPIV3Schema === undefined
      ? [requiredField(`spec.versions[${index}].schema.openAPIV3Schema`)]
      : [],
  );
}

function versionErrors(version: V1CustomResourceDefinitionVersion, place: number): readonly FieldError[] {
  const path = `spec.versions[${place}]`;
  const { name, deprecated = false, deprecationWarning } = version;
  const errors = [...joined(`${path}.name`, name, checkDns1035Label(name))];
  const complain = (why: string) =>
    errors.push(invalidField(`${path}.deprecationWarning`, deprecationWarning, why));
  if (deprecationWarning === undefined) return errors;
  if (!deprecated) {
    complain("can only be set for deprecated versions");
    return errors;
  }
  if (Buffer.byteLength(deprecationWarning) > 256) complain("must be <= 256 characters long");
  if (deprecationWarning === "") complain("must not be an empty string");
  const found = deprecationWarning.search(unprintable);
  if (found < 0) return errors;
  const index = Buffer.byteLength(deprecationWarning.slice(0, found));
  complain(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
  return errors;
}

function versionListErrors({ versions }: V1CustomResourceDefinitionSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    errors.push(invalidField("spec.versions", versions, "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const detail = "must have exactly one version marked as storage version";
    errors.push(invalidField("spec.versions", versions, detail));
  }
  return errors;
}

function requiredNames(names: V1CustomResourceDefinitionNames): readonly FieldError[] {
  return (["plural", "singular", "kind", "listKind"] as const).flatMap((name) =>
    names[name] ? [] : [requiredField(`spec.names.${name}`)],
  );
}

function validateNames(names: V1CustomResourceDefinitionNames, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["plural", "singular"] as const) {
    const name = names[field];
    if (name) errors.push(...joined(`${path}.${field}`, name, checkDns1035Label(name)));
  }
  for (const field of ["kind", "listKind"] as const) {
    const name = names[field];
    const complaints = name ? checkDns1035Label(name.toLowerCase()) : [];
    if (complaints.length === 0) continue;
    const detail = `may have mixed case, but should otherwise match: ${complaints.join(",")}`;
    errors.push(invalidField(`${path}.${field}`, name, detail));
  }
  (names.shortNames ?? []).forEach((name, index) => {
    errors.push(...joined(`${path}.shortNames[${index}]`, name, checkDns1035Label(name)));
  });
  if (names.kind !== "" && names.kind === names.listKind) {
    errors.push(invalidField(`${path}.listKind`, names.listKind, "kind and listKind may not be the same"));
  }
  (names.categories ?? []).forEach((name, index) => {
    errors.push(...joined(`${path}.categories[${index}]`, name, checkDns1035Label(name)));
  });
  return errors;
}

export function validateStatus({ status }: Pick<Definition, "status">): readonly FieldError[] {
  const names = status?.acceptedNames;
  return names === undefined ? [] : validateNames(names, "status.acceptedNames");
}

function storedVersionErrors({ spec, status }: Definition): readonly FieldError[] {
  const path = "status.storedVersions";
  const stored = status?.storedVersions ?? [];
  if (stored.length === 0) return [invalidField(path, stored, "must have at least one stored version")];
  const names = spec.versions.map(({ name }) => name);
  const storage = spec.versions.filter((version) => version.storage && !stored.includes(version.name));
  return [
    ...storage.map(({ name }) => invalidField(path, stored, `must have the storage version ${name}`)),
    ...stored.flatMap((name, index) => {
      if (names.includes(name)) return [];
      const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
      return [invalidField(`${path}[${index}]`, name, detail)];
    }),
  ];
}

function preservationErrors(
  spec: V1CustomResourceDefinitionSpec,
  old: V1CustomResourceDefinitionSpec | undefined,
): readonly FieldError[] {
  if (!spec.preserveUnknownFields || old?.preserveUnknownFields) return [];
  const detail =
    "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
  return [invalidField("spec.preserveUnknownFields", true, detail)];
}
