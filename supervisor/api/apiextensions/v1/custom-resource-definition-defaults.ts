import { isJsonObject, type JsonObject } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { decodeModel } from "../../../apimachinery/schema/decode.ts";
import type { V1CustomResourceDefinition } from "../../generated/types.ts";
import { goStringTypes } from "../../go-string-types.ts";
import { apiSchemas } from "../../schema-set.ts";

type Definition = Mutable<Pick<V1CustomResourceDefinition, "spec" | "status">>;

/**
 * Fills in what a definition leaves out, in place (apiextensions `v1/defaults.go`), and decodes the schemas that the
 * model takes for anything. Throws a `TypeMismatchError`.
 */
export function setDefinitionDefaults({ spec, status }: Definition): void {
  const { names } = spec;
  names.singular ||= names.kind.toLowerCase();
  if (names.kind !== "") names.listKind ||= `${names.kind}List`;
  spec.conversion ??= { strategy: "None" };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service !== undefined) service.port ??= 443;
  for (const { schema } of spec.versions) decodeInner(schema?.openAPIV3Schema);
  if (status !== undefined && (status.storedVersions ?? []).length === 0) {
    const storage = spec.versions.find((version) => version.storage);
    if (storage !== undefined) status.storedVersions = [storage.name];
  }
}

/** Fields that hold a schema where they do not hold something else. */
const choices = ["items", "additionalProperties"] as const;

function decodeInner(schema: unknown): void {
  if (!isJsonObject(schema)) return;
  for (const name of choices) {
    const inner = schema[name];
    if (isJsonObject(inner)) decodeModel(apiSchemas, "V1JSONSchemaProps", inner, goStringTypes);
    decodeInner(inner);
  }
  decodeInner(schema.not);
  for (const name of ["allOf", "anyOf", "oneOf"]) {
    const parts = schema[name];
    if (Array.isArray(parts)) for (const part of parts) decodeInner(part);
  }
  for (const property of Object.values((schema.properties ?? {}) as JsonObject)) decodeInner(property);
}
