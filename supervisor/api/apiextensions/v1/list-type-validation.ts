import {
  type FieldError,
  forbiddenField,
  invalidField,
  notSupportedField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import type { JsonSchema } from "../../../apimachinery/structural/json-schema.ts";

const listTypes = ["atomic", "set", "map"];
const mapTypes = ["atomic", "granular"];

/** Checks what a schema says of the kind of its list or map. */
export function listErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  return [
    ...mapTypeErrors(schema, path),
    ...listTypeErrors(schema, path),
    ...mapKeyErrors(schema, path),
    ...nullableErrors(schema, path),
  ];
}

function typeError(
  { type = "" }: JsonSchema,
  path: string,
  wanted: string,
  extension: string,
): readonly FieldError[] {
  if (type === wanted) return [];
  const detail = `must be ${wanted} if ${extension} is specified`;
  return [type === "" ? requiredField(`${path}.type`, detail) : invalidField(`${path}.type`, type, detail)];
}

function mapTypeErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const extension = "x-kubernetes-map-type";
  const mapType = schema[extension];
  if (mapType === undefined) return [];
  const errors = [...typeError(schema, path, "object", extension)];
  if (!mapTypes.includes(mapType)) errors.push(notSupportedField(`${path}.${extension}`, mapType, mapTypes));
  return errors;
}

function listTypeErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const extension = "x-kubernetes-list-type";
  const listType = schema[extension];
  if (listType === undefined) return [];
  const errors = [...typeError(schema, path, "array", extension)];
  const { items } = schema;
  if (errors.length === 0 && listType === "set" && items !== undefined) {
    const detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
    const itemList = items["x-kubernetes-list-type"];
    if (items.type === "array" && itemList !== undefined && itemList !== "atomic") {
      errors.push(invalidField(`${path}.items.x-kubernetes-list-type`, itemList, detail));
    }
    if (items.type === "object" && items["x-kubernetes-map-type"] !== "atomic") {
      errors.push(invalidField(`${path}.items.x-kubernetes-map-type`, itemList, detail));
    }
  }
  if (!listTypes.includes(listType))
    errors.push(notSupportedField(`${path}.${extension}`, listType, listTypes));
  return errors;
}

function mapKeyErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const errors: FieldError[] = [];
  if (keys.length > 0 && listType !== "map") {
    const field = `${path}.x-kubernetes-list-type`;
    const detail = "must be map if x-kubernetes-list-map-keys is non-empty";
    errors.push(
      listType === undefined ? requiredField(field, detail) : invalidField(field, listType, detail),
    );
  }
  if (listType !== "map") return errors;
  const keysField = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) {
    errors.push(requiredField(keysField, "must not be empty if x-kubernetes-list-type is map"));
  }
  const { items } = schema;
  if (items === undefined) {
    const detail = "must have a schema if x-kubernetes-list-type is map";
    return [...errors, requiredField(`${path}.items`, detail)];
  }
  if (items.type !== "object") {
    const detail = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalidField(`${path}.items.type`, items.type ?? "", detail)];
  }
  keys.forEach((key, index) => {
    const property = items.properties?.[key];
    if (property === undefined) {
      errors.push(invalidField(keysField, keys, "entries must all be names of item properties"));
    } else if (property.type === "array" || property.type === "object") {
      const detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidField(`${path}.items.properties[${key}].type`, items.type, detail));
    }
    if (keys.indexOf(key) < index)
      errors.push(invalidField(keysField, keys, "must not contain duplicate entries"));
  });
  return errors;
}

/** The items of sets and maps are there, and so are their keys. */
function nullableErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const listType = schema["x-kubernetes-list-type"];
  const { items } = schema;
  if (items === undefined || (listType !== "set" && listType !== "map")) return [];
  const errors: FieldError[] = [];
  if (items.nullable) {
    const detail = `cannot be nullable when x-kubernetes-list-type is ${listType}`;
    errors.push(forbiddenField(`${path}.items.nullable`, detail));
  }
  if (listType !== "map") return errors;
  for (const key of schema["x-kubernetes-list-map-keys"] ?? []) {
    const property = items.properties?.[key];
    if (property === undefined) continue;
    const field = `${path}.items.properties[${key}]`;
    if (!(items.required ?? []).includes(key) && property.default === undefined) {
      const detail =
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(requiredField(`${field}.default`, detail));
    }
    if (property.nullable) {
      const detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
      errors.push(forbiddenField(`${field}.nullable`, detail));
    }
  }
  return errors;
}
