/** Validation of what versions have beside their schemas. */

import {
  duplicateField,
  type FieldError,
  invalidField,
  requiredField,
  tooManyField,
} from "../../../apimachinery/field-error.ts";
import type { JsonSchema } from "../../../apimachinery/structural/json-schema.ts";
import { FieldPathError, schemaAtPath } from "../../../apimachinery/structural/schema-at-path.ts";
import type {
  V1CustomResourceColumnDefinition,
  V1CustomResourceSubresources,
  V1JSONSchemaProps,
  V1SelectableField,
} from "../../generated/types.ts";

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
const maxSelectableFields = 8;

export function validateColumns(
  columns: readonly V1CustomResourceColumnDefinition[],
  path: string,
): readonly FieldError[] {
  return columns.flatMap(({ name, type, format, jsonPath }, index) => {
    const field = `${path}[${index}]`;
    const errors: FieldError[] = [];
    const types = `must be one of ${columnTypes.join(",")}`;
    if (name === "") errors.push(requiredField(`${field}.name`));
    if (type === "") errors.push(requiredField(`${field}.type`, types));
    else if (!columnTypes.includes(type)) errors.push(invalidField(`${field}.type`, type, types));
    if (format && !columnFormats.includes(format)) {
      errors.push(invalidField(`${field}.format`, format, `must be one of ${columnFormats.join(",")}`));
    }
    if (jsonPath === "") errors.push(requiredField(`${field}.JSONPath`));
    else errors.push(...jsonPathErrors(jsonPath, `${field}.JSONPath`));
    return errors;
  });
}

function jsonPathErrors(text: string, field: string): readonly FieldError[] {
  return text.startsWith(".")
    ? []
    : [invalidField(field, text, "must be a simple json path starting with .")];
}

export function validateSubresources(
  { scale }: V1CustomResourceSubresources,
  path: string,
): readonly FieldError[] {
  if (scale === undefined) return [];
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  const required = (name: string, text: string, part: string): readonly FieldError[] => {
    const field = `${path}.scale.${name}`;
    if (text === "") return [requiredField(field)];
    const errors = jsonPathErrors(text, field);
    if (errors.length > 0 || text.startsWith(`.${part}.`)) return errors;
    return [invalidField(field, text, `should be a json path under .${part}`)];
  };
  return [
    ...required("specReplicasPath", specReplicasPath, "spec"),
    ...required("statusReplicasPath", statusReplicasPath, "status"),
    ...selectorPathErrors(labelSelectorPath ?? "", `${path}.scale.labelSelectorPath`),
  ];
}

function selectorPathErrors(text: string, field: string): readonly FieldError[] {
  if (text === "") return [];
  const errors = jsonPathErrors(text, field);
  if (errors.length > 0 || text.startsWith(".spec.") || text.startsWith(".status.")) return errors;
  return [invalidField(field, text, "should be a json path under either .spec or .status")];
}

export function validateSelectableFields(
  fields: readonly V1SelectableField[],
  schema: V1JSONSchemaProps | undefined,
  path: string,
): readonly FieldError[] {
  if (schema === undefined || fields.length === 0) return [];
  const seen = new Set<string>();
  const errors = fields.flatMap(({ jsonPath }, index) => {
    const field = `${path}[${index}].jsonPath`;
    if (jsonPath === "") return [requiredField(field)];
    // Decoding has checked both.
    const found = selectableErrors(jsonPath, schema as JsonSchema, field);
    // Which fields a path that leads nowhere names is not known.
    if (found.some(({ body }) => body.includes("is an invalid path"))) return found;
    if (seen.has(jsonPath)) found.push(duplicateField(field, jsonPath));
    seen.add(jsonPath);
    return found;
  });
  if (seen.size > maxSelectableFields) errors.push(tooManyField(path, seen.size, maxSelectableFields));
  return errors;
}

function selectableErrors(jsonPath: string, schema: JsonSchema, field: string): FieldError[] {
  const errors: FieldError[] = [];
  try {
    const { type = "" } = schemaAtPath(schema, jsonPath, false);
    if (/^\.metadata(?:\.|$)/.test(jsonPath)) {
      errors.push(invalidField(field, jsonPath, "must not point to fields in metadata"));
    }
    if (!["string", "boolean", "integer"].includes(type)) {
      const detail =
        "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
      errors.push(invalidField(field, jsonPath, detail));
    }
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    errors.push(invalidField(field, jsonPath, `is an invalid path: ${error.message}`));
  }
  return errors;
}
