import { isJsonObject, type JsonObject, type JsonValue } from "../../../apimachinery/json/json-value.ts";
import type { Mutable } from "../../../apimachinery/mutable.ts";
import { decodeModel, TypeMismatchError } from "../../../apimachinery/schema/decode.ts";
import type { V1CustomResourceDefinition } from "../../generated/types.ts";
import { goStringTypes } from "../../go-string-types.ts";
import { apiSchemas } from "../../schema-set.ts";

type Definition = Mutable<Pick<V1CustomResourceDefinition, "spec" | "status">>;

/**
 * Fills in what a definition leaves out, in place (apiextensions `v1/defaults.go`), and decodes the schemas that the
 * model takes for anything. Throws a `TypeMismatchError`.
 */
export function setDefinitionDefaults({ spec, status }: Definition): void {
  spec.versions ??= [];
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

/** Decodes what stands in a schema where the model takes anything, and so on inside. */
function decodeInner(schema: unknown): void {
  if (!isJsonObject(schema)) return;
  const { items, additionalProperties } = schema;
  if (Array.isArray(items)) for (const item of items) decodeSchema(item);
  else if (isJsonObject(items)) decodeSchema(items);
  else delete schema.items;
  if (isJsonObject(additionalProperties)) decodeSchema(additionalProperties);
  else if (additionalProperties !== undefined && typeof additionalProperties !== "boolean") {
    throw new TypeMismatchError("boolean or JSON schema expected");
  }
  decodeInner(schema.not);
  for (const name of ["allOf", "anyOf", "oneOf"]) {
    const parts = schema[name];
    if (Array.isArray(parts)) for (const part of parts) decodeInner(part);
  }
  // The model made a map of schemas of it.
  for (const property of Object.values((schema.properties ?? {}) as JsonObject)) decodeInner(property);
}

function decodeSchema(schema: JsonValue): void {
  if (!isJsonObject(schema)) {
    throw new TypeMismatchError("json: cannot unmarshal value into Go value of type v1.JSONSchemaProps");
  }
  decodeModel(apiSchemas, "V1JSONSchemaProps", schema, goStringTypes);
  decodeInner(schema);
}
