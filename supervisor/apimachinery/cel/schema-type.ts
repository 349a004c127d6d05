/** The types of expressions by a structural schema (apiserver `cel/common/schemas.go`). */
import type { DeclField, DeclType } from "./decl-type.ts";
import { escapeFieldName } from "./field-names.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from "./types.ts";

/** What is looked at in a schema in the OpenAPI form; everything else it has is of no account here. */
export interface TypeSchema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, TypeSchema>>;
  readonly additionalProperties?: TypeSchema | boolean;
  readonly items?: TypeSchema;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly maxProperties?: number;
  readonly enum?: readonly unknown[];
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

const scalarTypes: Readonly<Record<string, CelType>> = {
  boolean: boolType,
  number: doubleType,
  integer: intType,
};

const stringFormats: Readonly<Record<string, CelType>> = {
  byte: bytesType,
  duration: durationType,
  date: timestampType,
  "date-time": timestampType,
};

/**
 * The type of values of a schema; undefined for what expressions cannot look into. `name` becomes the name of an object's
 * type, those of its fields follow from it; names must differ within one environment. `isRoot`: the object has a kind and
 * metadata.
 */
export function schemaType(schema: TypeSchema, name: string, isRoot = false): DeclType | undefined {
  if (schema["x-kubernetes-int-or-string"]) return { type: dynType };
  switch (schema.type) {
    case "array":
      return arrayType(schema, name);
    case "object":
      return objectSchemaType(schema, name, isRoot);
    case "string":
      return stringSchemaType(schema);
    default: {
      const type = scalarTypes[schema.type ?? ""];
      if (type !== undefined) return { type };
      return schema["x-kubernetes-preserve-unknown-fields"] ? { type: dynType } : undefined;
    }
  }
}

function stringSchemaType(schema: TypeSchema): DeclType {
  const type = stringFormats[schema.format ?? ""] ?? stringType;
  return schema.maxLength === undefined ? { type } : { type, maxElements: schema.maxLength };
}

function arrayType(schema: TypeSchema, name: string): DeclType | undefined {
  const element = schema.items === undefined ? undefined : schemaType(schema.items, `${name}.@idx`);
  if (element === undefined) return undefined;
  const kind = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"]?.map((key) => escapeFieldName(key) ?? key);
  const isMap = kind === "map" && keys !== undefined;
  return {
    type: listType(element.type),
    element,
    ...(schema.maxItems === undefined ? {} : { maxElements: schema.maxItems }),
    ...(isMap ? { semantics: { keys } } : kind === "set" ? { semantics: {} } : {}),
  };
}

function objectSchemaType(schema: TypeSchema, name: string, isRoot: boolean): DeclType | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === "object") {
    const element = schemaType(additionalProperties, `${name}.@elem`);
    if (element === undefined) return undefined;
    const limit = schema.maxProperties === undefined ? {} : { maxElements: schema.maxProperties };
    return { type: mapType(stringType, element.type), element, ...limit };
  }
  const hasFields = schema.properties !== undefined;
  const isResource = isRoot || schema["x-kubernetes-embedded-resource"] === true;
  if (!(hasFields || isResource)) {
    if (schema["x-kubernetes-preserve-unknown-fields"]) return { type: dynType };
    if (!hasFields) return { type: objectType(name), fields: new Map() };
  }
  const fields = new Map<string, DeclField>();
  const properties = isResource ? withMeta(schema.properties ?? {}) : (schema.properties ?? {});
  for (const [field, fieldSchema] of Object.entries(properties)) {
    const escaped = escapeFieldName(field);
    const type = schemaType(fieldSchema, `${name}.${field}`);
    if (escaped !== undefined && type !== undefined) fields.set(escaped, { name: field, type });
  }
  return { type: objectType(name), fields };
}

/** What is known of the metadata of any object. */
function withMeta(properties: Readonly<Record<string, TypeSchema>>): Readonly<Record<string, TypeSchema>> {
  const text: TypeSchema = { type: "string" };
  const metadata: TypeSchema = { type: "object", properties: { name: text, generateName: text } };
  return { ...properties, kind: text, apiVersion: text, metadata };
}
