/** What makes a schema structural (apiextensions-apiserver `pkg/apiserver/schema/validation.go`, `complete.go`). */
import {
  type FieldError,
  forbiddenField,
  invalidField,
  requiredField,
} from "../../../apimachinery/field-error.ts";
import { equalJson } from "../../../apimachinery/json/json-value.ts";
import { goPattern, PatternError } from "../../../apimachinery/structural/go-pattern.ts";
import { additionalSchema, type JsonSchema } from "../../../apimachinery/structural/json-schema.ts";

type Level = "root" | "item" | "field";

const intOrString: readonly JsonSchema[] = [{ type: "integer" }, { type: "string" }];

export function structuralErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  const errors = [
    ...invariantErrors(schema, "root", path),
    ...completenessErrors(schema, schema, path, path),
  ];
  const text = (error: FieldError): string => `${error.field}: ${error.body}`;
  return errors.sort((left, right) => (text(left) < text(right) ? -1 : 1));
}

function invariantErrors(schema: JsonSchema, level: Level, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { type = "", items, properties = {} } = schema;
  if (type === "array" && items === undefined)
    errors.push(requiredField(`${path}.items`, "must be specified"));
  if (items !== undefined) errors.push(...invariantErrors(items, "item", `${path}.items`));
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...invariantErrors(property, "field", `${path}.properties[${name}]`));
  }
  const additional = additionalSchema(schema);
  if (schema.additionalProperties !== undefined && level === "root") {
    errors.push(forbiddenField(`${path}.additionalProperties`, "must not be used at the root"));
  }
  if (additional !== undefined)
    errors.push(...invariantErrors(additional, "field", `${path}.additionalProperties`));
  errors.push(
    ...extensionErrors(schema, path),
    ...junctorErrors(schema, path),
    ...typeErrors(schema, level, path),
    ...metaErrors(schema, level, path),
  );
  return errors;
}

function extensionErrors(schema: JsonSchema, path: string): readonly FieldError[] {
  if (!schema["x-kubernetes-int-or-string"]) return [];
  const detail = "must be false if x-kubernetes-int-or-string is true";
  return (["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const).flatMap(
    (name) => (schema[name] ? [invalidField(`${path}.${name}`, true, detail)] : []),
  );
}

const missingTypes: Readonly<Record<Level, string>> = {
  root: "must not be empty at the root",
  item: "must not be empty for specified array items",
  field: "must not be empty for specified object fields",
};

function typeErrors(schema: JsonSchema, level: Level, path: string): readonly FieldError[] {
  const { type = "" } = schema;
  const field = `${path}.type`;
  const errors: FieldError[] = [];
  const isEmbedded = schema["x-kubernetes-embedded-resource"] ?? false;
  const mayBeAny = schema["x-kubernetes-int-or-string"] || schema["x-kubernetes-preserve-unknown-fields"];
  if (isEmbedded && type !== "object") {
    const detail = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? requiredField(field, detail) : invalidField(field, type, detail));
  } else if (type === "" && !mayBeAny) errors.push(requiredField(field, missingTypes[level]));
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const detail = "must not be used if x-kubernetes-embedded-resource is set";
    errors.push(forbiddenField(`${path}.additionalProperties`, detail));
  }
  if (level === "root" && type !== "" && type !== "object") {
    errors.push(invalidField(field, type, "must be object at the root"));
  }
  return errors;
}

function metaErrors(schema: JsonSchema, level: Level, path: string): readonly FieldError[] {
  const { properties = {} } = schema;
  const isEmbedded = schema["x-kubernetes-embedded-resource"] ?? false;
  const errors: FieldError[] = [];
  const { metadata } = properties;
  if (level === "root" || isEmbedded) {
    for (const name of ["kind", "apiVersion"]) {
      const { type } = properties[name] ?? { type: "string" };
      if (type !== "string")
        errors.push(invalidField(`${path}.properties[${name}].type`, type ?? "", "must be string"));
    }
    if (metadata !== undefined && metadata.type !== "object") {
      errors.push(invalidField(`${path}.properties[metadata].type`, metadata.type ?? "", "must be object"));
    }
  }
  if (level === "root" && metadata !== undefined && !saysOnlyNames(metadata)) {
    const detail =
      "must not specify anything other than name and generateName, but metadata is implicitly specified";
    errors.push(forbiddenField(`${path}.properties[metadata]`, detail));
  }
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] ?? false;
  if (isEmbedded && !isOpen && Object.keys(properties).length === 0) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(requiredField(`${path}.properties`, detail));
  }
  return errors;
}

function saysOnlyNames({ type: _type, default: _default, properties = {}, ...more }: JsonSchema): boolean {
  const names = Object.keys(properties);
  return (
    Object.values(more).every((value) => value === undefined || value === false) &&
    names.every((name) => name === "name" || name === "generateName")
  );
}

/** The value validations of a schema: `allOf`, `anyOf`, `oneOf`, `not` and the pattern. */
function junctorErrors(
  schema: JsonSchema,
  path: string,
  skipsAnyOf = isIntOrString(schema),
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { allOf = [], anyOf = [], oneOf = [], not, pattern } = schema;
  if (!skipsAnyOf) {
    anyOf.forEach((part, index) => {
      errors.push(...nestedErrors(part, `${path}.anyOf[${index}]`, false));
    });
  }
  allOf.forEach((part, index) => {
    errors.push(...nestedErrors(part, `${path}.allOf[${index}]`, index === 0 && isIntOrString(part)));
  });
  oneOf.forEach((part, index) => {
    errors.push(...nestedErrors(part, `${path}.oneOf[${index}]`, false));
  });
  if (not !== undefined) errors.push(...nestedErrors(not, `${path}.not`, false));
  if (pattern) errors.push(...patternErrors(pattern, `${path}.pattern`));
  return errors;
}

function isIntOrString({ anyOf }: JsonSchema): boolean {
  return equalJson(anyOf, intOrString);
}

function patternErrors(pattern: string, field: string): readonly FieldError[] {
  try {
    goPattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return [invalidField(field, pattern, `must be a valid regular expression, but isn't: ${error.message}`)];
  }
}

/** Fields that only the structure itself may have, with what they must be within a junctor. */
const forbidden = [
  ["type", "empty"],
  ["default", "undefined"],
  ["title", "empty"],
  ["description", "empty"],
  ["nullable", "false"],
  ["x-kubernetes-preserve-unknown-fields", "false"],
  ["x-kubernetes-embedded-resource", "false"],
  ["x-kubernetes-int-or-string", "false"],
  ["x-kubernetes-list-map-keys", "empty"],
  ["x-kubernetes-list-type", "undefined"],
  ["x-kubernetes-map-type", "undefined"],
  ["x-kubernetes-validations", "empty"],
] as const;

function nestedErrors(schema: JsonSchema, path: string, skipsAnyOf: boolean): readonly FieldError[] {
  const errors = [...junctorErrors(schema, path, skipsAnyOf)];
  const { items, properties = {} } = schema;
  if (items !== undefined) errors.push(...nestedErrors(items, `${path}.items`, false));
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...nestedErrors(property, `${path}.properties[${name}]`, false));
  }
  for (const [name, wanted] of forbidden) {
    const value = schema[name];
    const isZero =
      value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0);
    if (!isZero) errors.push(forbiddenField(`${path}.${name}`, `must be ${wanted} to be structural`));
  }
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    errors.push(forbiddenField(`${path}.additionalProperties`, "must be undefined to be structural"));
  }
  if (properties.metadata !== undefined) {
    errors.push(forbiddenField(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  }
  return errors;
}

/** Every field that a value validation speaks of is part of the structure. */
function completenessErrors(
  validation: JsonSchema,
  structure: JsonSchema,
  structurePath: string,
  path: string,
): readonly FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = validation;
  const parts: ReadonlyArray<readonly [JsonSchema, string]> = [
    ...(not === undefined ? [] : [[not, "not"] as const]),
    ...allOf.map((part, index) => [part, `allOf[${index}]`] as const),
    ...anyOf.map((part, index) => [part, `anyOf[${index}]`] as const),
    ...oneOf.map((part, index) => [part, `oneOf[${index}]`] as const),
  ];
  return parts.flatMap(([part, name]) =>
    nestedCompleteness(part, structure, structurePath, `${path}.${name}`),
  );
}

function nestedCompleteness(
  validation: JsonSchema,
  structure: JsonSchema,
  structurePath: string,
  path: string,
): readonly FieldError[] {
  const errors = [...completenessErrors(validation, structure, structurePath, path)];
  const inner = (part: JsonSchema, known: JsonSchema | undefined, name: string): void => {
    const field = `${structurePath}.${name}`;
    if (known === undefined) errors.push(requiredField(field, `because it is defined in ${path}.${name}`));
    else errors.push(...nestedCompleteness(part, known, field, `${path}.${name}`));
  };
  const { items, properties = {} } = validation;
  if (items !== undefined) inner(items, structure.items, "items");
  for (const [name, property] of Object.entries(properties)) {
    inner(property, structure.properties?.[name], `properties[${name}]`);
  }
  return errors;
}
