/** Defaults are valid values of their own schema (apiextensions-apiserver `pkg/apiserver/schema/defaulting/validation.go`). */
import { type FieldError, invalidField } from "../../../apimachinery/field-error.ts";
import { cloneJson, isJsonObject } from "../../../apimachinery/json/json-value.ts";
import {
  decodeEmbedded,
  EmbeddedObjectError,
  validateEmbedded,
} from "../../../apimachinery/structural/embedded-objects.ts";
import type { JsonSchema } from "../../../apimachinery/structural/json-schema.ts";
import { pruneUnknown } from "../../../apimachinery/structural/prune.ts";
import { SchemaValidator } from "../../../apimachinery/structural/schema-validator.ts";
import { structuralOf } from "../../../apimachinery/structural/structural.ts";
import { decodeMetadata } from "./decode-metadata.ts";

const metaFields = ["metadata", "kind", "apiVersion"];

export function defaultErrors(
  schema: JsonSchema,
  path: string,
  isMeta = false,
  isRoot = true,
): readonly FieldError[] {
  const errors = schema.default === undefined || isMeta ? [] : [...ownErrors(schema, `${path}.default`)];
  const { items, properties = {} } = schema;
  const isObject = isRoot || schema["x-kubernetes-embedded-resource"] === true;
  if (items !== undefined) errors.push(...defaultErrors(items, `${path}.items`, isMeta, false));
  for (const [name, property] of Object.entries(properties)) {
    const inMeta = isMeta || (isObject && metaFields.includes(name));
    errors.push(...defaultErrors(property, `${path}.properties[${name}]`, inMeta, false));
  }
  return errors;
}

function ownErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const { default: given = null } = schema;
  if (given === null) return [];
  const value = cloneJson(given);
  const structural = structuralOf(schema);
  if (pruneUnknown(value, structural, false).length > 0) {
    return [invalidField(path, given, "must not have unknown fields")];
  }
  if (isJsonObject(value)) {
    try {
      decodeEmbedded(value, structural, decodeMetadata);
    } catch (error) {
      if (!(error instanceof EmbeddedObjectError)) throw error;
      return [invalidField(path, given, error.message)];
    }
    const errors = validateEmbedded(value, structural);
    if (errors.length > 0) return errors.map((error) => ({ ...error, field: `${path}.${error.field}` }));
  }
  return new SchemaValidator(schema).validate(value, "", path).errors;
}
