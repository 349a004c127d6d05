import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
} from "../../../apimachinery/field-error.ts";
import { additionalSchema, type JsonSchema } from "../../../apimachinery/structural/json-schema.ts";
import type { V1JSONSchemaProps } from "../../generated/types.ts";
import { defaultErrors } from "./default-validation.ts";
import { listErrors } from "./list-type-validation.ts";
import { ruleErrors } from "./rule-validation.ts";
import { structuralErrors } from "./structural-validation.ts";

const types = ["array", "boolean", "integer", "number", "object", "string"];
const metaFields = ["metadata", "kind", "apiVersion"];

/** What may stand at the root of a schema whose versions have the `status` subresource: Go's names of the fields. */
const rootFields: Readonly<Record<string, string>> = {
  description: "Description",
  type: "Type",
  format: "Format",
  title: "Title",
  maximum: "Maximum",
  exclusiveMaximum: "ExclusiveMaximum",
  minimum: "Minimum",
  exclusiveMinimum: "ExclusiveMinimum",
  maxLength: "MaxLength",
  minLength: "MinLength",
  pattern: "Pattern",
  maxItems: "MaxItems",
  minItems: "MinItems",
  uniqueItems: "UniqueItems",
  multipleOf: "MultipleOf",
  required: "Required",
  items: "Items",
  properties: "Properties",
  externalDocs: "ExternalDocs",
  example: "Example",
  "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields",
  "x-kubernetes-validations": "XValidations",
};

/** Fields of JSON schemas that no schema here may have, with their zero values. */
const unsupported = [
  "id",
  "additionalItems",
  "patternProperties",
  "definitions",
  "dependencies",
  "$ref",
] as const;

/** Where in the whole schema one stands. */
interface Place {
  readonly isRoot: boolean;
  /** Within `metadata`, `kind` or `apiVersion` of an object of the API. */
  readonly inMeta: boolean;
  /** Why there may be no default; empty where there may. */
  readonly noDefaults: string;
}

/** Checks the schema of a version. `hasStatus`: a version has the subresource. */
export function validateSchema(
  props: V1JSONSchemaProps,
  path: string,
  hasStatus: boolean,
): readonly FieldError[] {
  // Decoding and the defaults have checked all of it.
  const schema = props as JsonSchema;
  const errors = hasStatus ? [...rootErrors(schema, path)] : [];
  if (schema.nullable) errors.push(forbiddenField(`${path}.nullable`, "nullable cannot be true at the root"));
  const shape = shapeErrors(schema, path, { isRoot: true, inMeta: false, noDefaults: "" });
  const structural = hasUnsupported(schema) ? [] : structuralErrors(schema, path);
  errors.push(...structural);
  if (structural.length === 0 && shape.length === 0) errors.push(...defaultErrors(schema, path));
  errors.push(...shape);
  // Rules are compiled against types that only a right schema has.
  if (errors.length === 0) errors.push(...ruleErrors(schema, path));
  return errors;
}

function rootErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  for (const [name, value] of Object.entries(schema)) {
    if (value === undefined || value === false || value === "") continue;
    if (name === "type" && value !== "object") {
      const detail =
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
      return [invalidField(`${path}.type`, value, detail)];
    }
    if (rootFields[name] !== undefined) continue;
    const allowed = Object.values(rootFields).join(" ");
    const detail = `only [${allowed}] fields are allowed at the root of the schema if the status subresource is enabled`;
    return [invalidField(path, schema, detail)];
  }
  return [];
}

function hasUnsupported(schema: object): boolean {
  return unsupported.some((name) => name in schema);
}

function shapeErrors(schema: JsonSchema, path: string, place: Place): readonly FieldError[] {
  return [
    ...standardErrors(schema, path, place),
    ...ownErrors(schema, path),
    ...innerErrors(schema, path, place),
    ...listErrors(schema, path),
  ];
}

/** What of JSON schemas is not supported. */
function standardErrors(schema: JsonSchema, path: string, place: Place): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { type = "" } = schema;
  if (type !== "" && !types.includes(type)) errors.push(notSupportedField(`${path}.type`, type, types));
  if (schema.default !== undefined && place.noDefaults !== "") {
    errors.push(forbiddenField(`${path}.default`, `must not be set ${place.noDefaults}`));
  }
  for (const name of unsupported) {
    if (name in schema) errors.push(forbiddenField(`${path}.${name}`, `${name} is not supported`));
  }
  if (type === "null") {
    errors.push(forbiddenField(`${path}.type`, "type cannot be set to null, use nullable as an alternative"));
  }
  if (Array.isArray(schema.items)) {
    errors.push(forbiddenField(`${path}.items`, "items must be a schema object and not an array"));
  }
  if (place.inMeta && schema["x-kubernetes-embedded-resource"]) {
    errors.push(
      forbiddenField(`${path}.x-kubernetes-embedded-resource`, "must not be used inside of resource meta"),
    );
  }
  return errors;
}

function ownErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (schema.uniqueItems) {
    const detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbiddenField(`${path}.uniqueItems`, detail));
  }
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0;
  if (schema.additionalProperties !== undefined && hasProperties && schema.additionalProperties !== true) {
    const detail = "additionalProperties and properties are mutual exclusive";
    errors.push(forbiddenField(`${path}.additionalProperties`, detail));
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalidField(field, false, "must be true or undefined"));
  }
  return errors;
}

function innerErrors(schema: JsonSchema, path: string, place: Place): readonly FieldError[] {
  const { properties = {}, items, not } = schema;
  const inner = { ...place, isRoot: false };
  const additional = additionalSchema(schema);
  const errors: FieldError[] = [];
  if (additional !== undefined) {
    const noDefaults = place.inMeta
      ? "inside additionalProperties applying to object metadata"
      : place.noDefaults;
    errors.push(...shapeErrors(additional, `${path}.additionalProperties`, { ...inner, noDefaults }));
  }
  for (const [name, property] of Object.entries(properties)) {
    const isMeta =
      (place.isRoot || schema["x-kubernetes-embedded-resource"] === true) && metaFields.includes(name);
    const noDefaults = isMeta && place.isRoot ? `in top-level ${name}` : place.noDefaults;
    const there = { isRoot: false, inMeta: place.inMeta || isMeta, noDefaults };
    errors.push(...shapeErrors(property, `${path}.properties[${name}]`, there));
  }
  if (not !== undefined) errors.push(...shapeErrors(not, `${path}.not`, inner));
  for (const junctor of ["allOf", "oneOf", "anyOf"] as const) {
    (schema[junctor] ?? []).forEach((part, index) => {
      errors.push(...shapeErrors(part, `${path}.${junctor}[${index}]`, inner));
    });
  }
  if (items !== undefined && !Array.isArray(items))
    errors.push(...shapeErrors(items, `${path}.items`, inner));
  return errors;
}
