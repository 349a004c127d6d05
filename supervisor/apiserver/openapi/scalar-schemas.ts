/** Types with a definition of their own that have no fields, and how scalars are described. */
import type { ScalarType } from "../../apimachinery/schema/schema.ts";
import type { OpenApiVersion, Schema } from "./spec-types.ts";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const apiextensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

/** The definition that a scalar refers to; others are written in place. */
const scalarDefinitions: Partial<Record<ScalarType, string>> = {
  time: `${meta}.Time`,
  microTime: `${meta}.MicroTime`,
  quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity",
  intOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  any: "io.k8s.apimachinery.pkg.runtime.RawExtension",
};

/** Fields of any shape whose Go type is not `RawExtension`. */
const anyDefinitions: Readonly<Record<string, string>> = {
  "V1ManagedFieldsEntry.fieldsV1": `${meta}.FieldsV1`,
  "V1CustomResourceSubresources.status": `${apiextensions}.CustomResourceSubresourceStatus`,
  "V1JSONSchemaProps.additionalItems": `${apiextensions}.JSONSchemaPropsOrBool`,
  "V1JSONSchemaProps.additionalProperties": `${apiextensions}.JSONSchemaPropsOrBool`,
  "V1JSONSchemaProps.default": `${apiextensions}.JSON`,
  "V1JSONSchemaProps.dependencies": `${apiextensions}.JSONSchemaPropsOrStringArray`,
  "V1JSONSchemaProps.enum": `${apiextensions}.JSON`,
  "V1JSONSchemaProps.example": `${apiextensions}.JSON`,
  "V1JSONSchemaProps.items": `${apiextensions}.JSONSchemaPropsOrArray`,
};

export function scalarDefinition(scalar: ScalarType, field: string): string | undefined {
  return (scalar === "any" ? anyDefinitions[field] : undefined) ?? scalarDefinitions[scalar];
}

const inPlace: Partial<Record<ScalarType, Schema>> = {
  string: { type: "string" },
  bytes: { type: "string", format: "byte" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
};

export function scalarSchema(scalar: ScalarType): Schema {
  return { ...inPlace[scalar] };
}

/** What a scalar is in Go where nobody has set it. */
export const scalarZeros: Partial<Record<ScalarType, string | number | boolean>> = {
  string: "",
  bool: false,
  int32: 0,
  int64: 0,
  double: 0,
};

/** The definitions without fields, by name. */
export function fieldlessDefinition(name: string, version: OpenApiVersion): Schema | undefined {
  switch (name) {
    case `${meta}.Time`:
      return { description: "A time in RFC 3339, in whole seconds.", type: "string", format: "date-time" };
    case `${meta}.MicroTime`:
      return { description: "A time in RFC 3339, in microseconds.", type: "string", format: "date-time" };
    case `${meta}.FieldsV1`:
      return { description: "A set of fields as a tree, each with its prefix.", type: "object" };
    case `${meta}.Patch`:
      return { description: "The body of a PATCH request.", type: "object" };
    case scalarDefinitions.any:
      return { description: "An object of any kind.", type: "object" };
    case scalarDefinitions.quantity: {
      const description = "A number with a suffix, such as `500m`, `1.5` and `64Mi`.";
      if (version === "v2") return { description, type: "string" };
      return { description, oneOf: [{ type: "string" }, { type: "number" }] };
    }
    case scalarDefinitions.intOrString: {
      const description = "A whole number or a text.";
      if (version === "v2") return { description, type: "string", format: "int-or-string" };
      return { description, format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
    }
    case `${apiextensions}.CustomResourceSubresourceStatus`:
      return { description: "That there is a status subresource.", type: "object" };
    case `${apiextensions}.JSON`:
      return { description: "Any JSON value." };
    case `${apiextensions}.JSONSchemaPropsOrBool`:
      return { description: "A schema, or whether any value is allowed." };
    case `${apiextensions}.JSONSchemaPropsOrArray`:
      return { description: "A schema, or a list of schemas." };
    case `${apiextensions}.JSONSchemaPropsOrStringArray`:
      return { description: "A schema, or a list of field names." };
    default:
      return undefined;
  }
}
