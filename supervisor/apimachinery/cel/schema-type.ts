/** The types of expressions by a structural schema (apiserver `cel/common/schemas.go`). */
import type { DeclField, DeclType } from "./decl-type.ts";
import { escapeFieldName } from "./field-names.ts";
import {
  boolType,
  bytesType,
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
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

/** The longest request (apiserver `apis/cel` `MaxRequestSizeBytes`). */
export const maxRequestBytes = 3 * 1024 * 1024;

const scalarTypes: Readonly<Record<string, DeclType>> = {
  boolean: { type: boolType, minSizeBytes: 4 },
  number: { type: doubleType, minSizeBytes: 1 },
  integer: { type: intType, minSizeBytes: 1 },
};

const stringFormats: Readonly<Record<string, DeclType>> = {
  duration: { type: durationType, maxElements: 32, minSizeBytes: 3 },
  date: { type: timestampType, maxElements: 12, minSizeBytes: 12 },
  "date-time": { type: timestampType, maxElements: 32, minSizeBytes: 21 },
};

/** The quotes of the longest text that fits into a request are no part of it. */
const maxTextLength = maxRequestBytes - 2;

/**
 * The type of values of a schema; undefined for what expressions cannot look into. `name` becomes the name of an object's
 * type, those of its fields follow from it; names must differ within one environment. `isRoot`: the object has a kind and
 * metadata.
 */
export function schemaType(schema: TypeSchema, name: string, isRoot = false): DeclType | undefined {
  if (schema["x-kubernetes-int-or-string"]) {
    const { maxLength } = schema;
    const maxElements = maxLength === undefined ? maxTextLength : Math.max(maxLength, 0) * 4;
    return { type: dynType, maxElements, minSizeBytes: 1 };
  }
  switch (schema.type) {
    case "array":
      return arrayType(schema, name);
    case "object":
      return objectSchemaType(schema, name, isRoot);
    case "string":
      return stringSchemaType(schema);
    default: {
      const type = scalarTypes[schema.type ?? ""];
      if (type !== undefined) return type;
      return schema["x-kubernetes-preserve-unknown-fields"] ? { type: dynType } : undefined;
    }
  }
}

function stringSchemaType({ format = "", maxLength, enum: values = [] }: TypeSchema): DeclType {
  const formatted = Object.hasOwn(stringFormats, format) ? stringFormats[format] : undefined;
  if (formatted !== undefined) return formatted;
  if (format === "byte") {
    const maxElements = maxLength === undefined ? maxTextLength : Math.max(maxLength, 0);
    return { type: bytesType, maxElements, minSizeBytes: 2 };
  }
  const longest = Math.max(
    0,
    ...values.map((value) => (typeof value === "string" ? Buffer.byteLength(value) : 0)),
  );
  // A character has four bytes at most.
  const limit = maxLength === undefined ? undefined : Math.max(maxLength, 0) * 4;
  const maxElements = limit ?? (values.length > 0 ? longest : maxTextLength);
  return { type: stringType, maxElements, minSizeBytes: 2 };
}

function arrayType(schema: TypeSchema, name: string): DeclType | undefined {
  const isResource = schema.items?.["x-kubernetes-embedded-resource"] === true;
  const element =
    schema.items === undefined ? undefined : schemaType(schema.items, `${name}.@idx`, isResource);
  if (element === undefined) return undefined;
  const kind = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"]?.map((key) => escapeFieldName(key) ?? key);
  const isMap = kind === "map" && keys !== undefined;
  const fitting = Math.floor((maxRequestBytes - 2) / (minSize(element) + 1));
  return {
    type: listType(element.type),
    element,
    maxElements: schema.maxItems === undefined ? fitting : Math.max(schema.maxItems, 0),
    minSizeBytes: 2,
    ...(isMap ? { semantics: { keys } } : kind === "set" ? { semantics: {} } : {}),
  };
}

function minSize({ minSizeBytes = 1 }: DeclType): number {
  return minSizeBytes;
}

function mapSchemaType(
  values: TypeSchema,
  maxProperties: number | undefined,
  name: string,
): DeclType | undefined {
  const element = schemaType(values, `${name}.@elem`, values["x-kubernetes-embedded-resource"] === true);
  if (element === undefined) return undefined;
  const fitting = Math.floor((maxRequestBytes - 2) / (minSize(element) + 6));
  const maxElements = maxProperties === undefined ? fitting : Math.max(maxProperties, 0);
  return { type: mapType(stringType, element.type), element, maxElements, minSizeBytes: 2 };
}

function objectSchemaType(schema: TypeSchema, name: string, isRoot: boolean): DeclType | undefined {
  const { additionalProperties, maxProperties, properties, required = [] } = schema;
  if (typeof additionalProperties === "object")
    return mapSchemaType(additionalProperties, maxProperties, name);
  const isResource = isRoot || schema["x-kubernetes-embedded-resource"] === true;
  if (properties === undefined && !isResource) {
    if (schema["x-kubernetes-preserve-unknown-fields"]) return { type: dynType };
    return { type: objectType(name), fields: new Map(), minSizeBytes: 2 };
  }
  const fields = new Map<string, DeclField>();
  let minSizeBytes = 2;
  const known = isResource ? withMeta(properties ?? {}) : (properties ?? {});
  for (const [field, fieldSchema] of Object.entries(known)) {
    const escaped = escapeFieldName(field);
    const type = schemaType(fieldSchema, `${name}.${field}`);
    if (type === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, { name: field, type });
    // Quotes, a colon and a comma belong to it; what has a default need not be in the request.
    if (required.includes(field) && fieldSchema.default === undefined) {
      minSizeBytes += field.length + minSize(type) + 4;
    }
  }
  return { type: objectType(name), fields, minSizeBytes };
}

/** What is known of the metadata of any object. */
function withMeta(properties: Readonly<Record<string, TypeSchema>>): Readonly<Record<string, TypeSchema>> {
  const text: TypeSchema = { type: "string" };
  const metadata: TypeSchema = { type: "object", properties: { name: text, generateName: text } };
  return { ...properties, kind: text, apiVersion: text, metadata };
}
