/**
 * Checks a parsed body against a model and brings it to the API's form: types are checked, unknown fields, nulls
 * and what Go's JSON omits dropped, what it always writes given its zero value, times and quantities made canonical. The
 * value is changed in place. Errors are worded as kube-apiserver's decoder does (sigs.k8s.io/json).
 */
import { isJsonObject, type JsonObject, type JsonValue, setField } from "../json/json-value.ts";
import { goStructName, goTypeName, type StringAliases } from "./go-types.ts";
import { canonicalMicroTimeText, canonicalQuantityText, canonicalTimeText, checkBase64 } from "./scalars.ts";
import type { FieldSchema, ScalarType, SchemaSet, TypeSchema } from "./schema.ts";

/** A value has the wrong type. */
export class TypeMismatchError extends Error {
  override readonly name = "TypeMismatchError";
}

export interface DecodeResult {
  /** The paths of the fields that the model does not have; they are gone from the value. */
  readonly unknownFields: readonly string[];
  /** How many fields the value had, for telling duplicates by `countKeys`. */
  readonly fieldCount: number;
}

const int32Limit = 2 ** 31;

function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

class Decoder implements DecodeResult {
  readonly unknownFields: string[] = [];
  fieldCount = 0;
  readonly #schemas: SchemaSet;
  readonly #aliases: StringAliases;
  /** Field names and map keys as texts, indexes as numbers, from the root to the value at hand. */
  readonly #path: Array<string | number> = [];
  /** The fields of structs among them, and the models that have them. */
  readonly #fields: Array<{ readonly model: string; readonly field: FieldSchema }> = [];

  constructor(schemas: SchemaSet, aliases: StringAliases) {
    this.#schemas = schemas;
    this.#aliases = aliases;
  }

  struct(model: string, object: JsonObject): void {
    const { fields, zeroed } = this.#schemas.get(model);
    for (const key of Object.keys(object)) {
      this.fieldCount++;
      const field = fields.get(key);
      const value = object[key];
      if (field === undefined) {
        this.#drop(object, key, value);
        continue;
      }
      if (value === null || value === undefined) {
        delete object[key];
        continue;
      }
      this.#path.push(key);
      this.#fields.push({ model, field });
      const decoded = this.#value(field.type, value);
      if ((field.omitted || isNullable(field)) && isZero(decoded)) delete object[key];
      else if (decoded !== value) object[key] = decoded;
      this.#fields.pop();
      this.#path.pop();
    }
    for (const field of zeroed) if (object[field.name] === undefined) object[field.name] = this.#zero(field);
  }

  /** What a field is where nobody gave it, as in Go. */
  #zero(field: FieldSchema): JsonValue {
    const { type } = field;
    if (isNullable(field)) return null;
    const zero = zeroOf(type);
    if (type.kind === "object" && isJsonObject(zero)) this.struct(type.model, zero);
    return zero;
  }

  #drop(object: JsonObject, key: string, value: JsonValue | undefined): void {
    this.unknownFields.push(this.#pathText(key));
    this.#countFields(value);
    delete object[key];
  }

  #value(type: TypeSchema, value: JsonValue): JsonValue {
    switch (type.kind) {
      case "scalar":
        return this.#scalar(type, type.scalar, value);
      case "object":
        if (!isJsonObject(value)) throw this.#mismatch(type, kindOf(value));
        this.struct(type.model, value);
        return value;
      case "list":
        if (!Array.isArray(value)) throw this.#mismatch(type, kindOf(value));
        this.#list(type.items, value);
        return value;
      case "map":
        if (!isJsonObject(value)) throw this.#mismatch(type, kindOf(value));
        this.#map(type.values, value);
        return value;
    }
  }

  #list(items: TypeSchema, list: JsonValue[]): void {
    for (let index = 0; index < list.length; index++) {
      this.#path.push(index);
      const value = list[index] ?? zeroOf(items);
      list[index] = this.#value(items, value);
      this.#path.pop();
    }
  }

  #map(values: TypeSchema, map: JsonObject): void {
    for (const key of Object.keys(map)) {
      this.fieldCount++;
      this.#path.push(key);
      const value = map[key] ?? zeroOf(values);
      const decoded = this.#value(values, value);
      if (decoded !== map[key]) setField(map, key, decoded);
      this.#path.pop();
    }
  }

  #scalar(type: TypeSchema, scalar: ScalarType, value: JsonValue): JsonValue {
    // No time within a list or map; in a field it was dropped before.
    if (value === null && (scalar === "time" || scalar === "microTime")) return value;
    switch (scalar) {
      case "string":
        if (typeof value !== "string") throw this.#mismatch(type, kindOf(value));
        return value;
      case "bool":
        if (typeof value !== "boolean") throw this.#mismatch(type, kindOf(value));
        return value;
      case "int32":
      case "int64":
      case "double":
        return this.#number(type, scalar, value);
      case "intOrString":
        if (typeof value === "string") return value;
        return this.#number({ kind: "scalar", scalar: "int32" }, "int32", value);
      case "any":
        this.#countFields(value);
        return value;
      default:
        return this.#text(type, scalar, value);
    }
  }

  #number(type: TypeSchema, scalar: "int32" | "int64" | "double", value: JsonValue): number {
    if (typeof value !== "number") throw this.#mismatch(type, kindOf(value));
    if (scalar === "double") return value;
    const fits =
      Number.isInteger(value) && (scalar === "int64" || (value >= -int32Limit && value < int32Limit));
    if (!fits) throw this.#mismatch(type, `number ${value}`);
    return value;
  }

  #text(type: TypeSchema, scalar: "bytes" | "time" | "microTime" | "quantity", value: JsonValue): JsonValue {
    if (scalar === "quantity" && typeof value === "number") return canonicalQuantityText(value);
    if (typeof value !== "string") {
      throw scalar === "bytes" ? this.#mismatch(type, kindOf(value)) : this.#plainMismatch(value);
    }
    if (scalar === "quantity") return canonicalQuantityText(value);
    if (scalar === "time") return canonicalTimeText(value);
    if (scalar === "microTime") return canonicalMicroTimeText(value);
    checkBase64(value);
    return value;
  }

  #countFields(value: JsonValue | undefined): void {
    if (Array.isArray(value)) for (const item of value) this.#countFields(item);
    else if (isJsonObject(value)) {
      for (const key of Object.keys(value)) {
        this.fieldCount++;
        this.#countFields(value[key]);
      }
    }
  }

  #pathText(last: string): string {
    let text = "";
    for (const part of [...this.#path, last]) {
      text += typeof part === "number" ? `[${part}]` : text === "" ? part : `.${part}`;
    }
    return text;
  }

  #mismatch(type: TypeSchema, kind: string): TypeMismatchError {
    const last = this.#fields.at(-1);
    if (last === undefined) {
      return new TypeMismatchError(
        `json: cannot unmarshal ${kind} into Go value of type ${goTypeName(type)}`,
      );
    }
    const struct = goStructName(last.model);
    const path = this.#fields.map(({ field }) => field.name).join(".");
    const goType = goTypeName(type, this.#aliases[`${struct}.${last.field.name}`]);
    return new TypeMismatchError(
      `json: cannot unmarshal ${kind} into Go struct field ${struct}.${path} of type ${goType}`,
    );
  }

  /** The error of a Go type that decodes itself. */
  #plainMismatch(value: JsonValue): TypeMismatchError {
    return new TypeMismatchError(`json: cannot unmarshal ${kindOf(value)} into Go value of type string`);
  }
}

/** An empty list or map that Go writes as null: what is stored has no other form of it. */
function isNullable({ written, type }: FieldSchema): boolean {
  return written && (type.kind === "list" || type.kind === "map");
}

function isZero(value: JsonValue): boolean {
  if (typeof value !== "object") return value === "" || value === 0 || value === false;
  if (Array.isArray(value)) return value.length === 0;
  return value !== null && Object.keys(value).length === 0;
}

/** What a null in a list or map stands for, and a required field that is absent. */
function zeroOf(type: TypeSchema): JsonValue {
  if (type.kind === "object" || type.kind === "map") return {};
  if (type.kind === "list") return [];
  if (type.scalar === "string" || type.scalar === "bytes") return "";
  if (type.scalar === "time" || type.scalar === "microTime" || type.scalar === "any") return null;
  if (type.scalar === "quantity") return "0";
  return type.scalar === "bool" ? false : 0;
}

/** Decodes `object` as `model` in place. Throws a {@link TypeMismatchError} or a `ScalarError`. */
export function decodeModel(
  schemas: SchemaSet,
  model: string,
  object: JsonObject,
  aliases: StringAliases = {},
): DecodeResult {
  const decoder = new Decoder(schemas, aliases);
  decoder.struct(model, object);
  return decoder;
}
