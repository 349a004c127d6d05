/** The built-in models as types of expressions (apiserver `cel/openapi/resolver`). */
import type { TypeResolver } from "../apimachinery/cel/environment.ts";
import { escapeFieldName } from "../apimachinery/cel/field-names.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  timestampType,
} from "../apimachinery/cel/types.ts";
import type { ScalarType, TypeSchema } from "../apimachinery/schema/schema.ts";
import { apiSchemas } from "./schema-set.ts";

const scalarTypes: Readonly<Record<ScalarType, CelType>> = {
  string: stringType,
  bytes: bytesType,
  bool: boolType,
  int32: intType,
  int64: intType,
  double: doubleType,
  time: timestampType,
  microTime: timestampType,
  quantity: stringType,
  intOrString: dynType,
  any: dynType,
};

function typeOf(schema: TypeSchema): CelType {
  switch (schema.kind) {
    case "scalar":
      return scalarTypes[schema.scalar];
    case "list":
      return listType(typeOf(schema.items));
    case "map":
      return mapType(stringType, typeOf(schema.values));
    case "object":
      return objectType(schema.model);
  }
}

/** Finds the fields of models by their names; expressions cannot name the models themselves. */
export const modelResolver: TypeResolver = {
  hasType: () => false,
  fieldType(model, field) {
    if (!apiSchemas.has(model)) return undefined;
    for (const { name, type } of apiSchemas.get(model).fields.values()) {
      if (escapeFieldName(name) === field) return typeOf(type);
    }
    return undefined;
  },
};
