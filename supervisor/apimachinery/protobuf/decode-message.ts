/** Turns protobuf messages into the objects that their JSON would give. */
import { type JsonObject, type JsonValue, setField } from "../json/json-value.ts";
import type { ScalarType, TypeSchema } from "../schema/schema.ts";
import type { MessageEntries, MessageField, MessageSet, UnionShape } from "./message-schema.ts";
import { ProtobufError, type ProtobufField, ProtobufReader } from "./protobuf-reader.ts";

/** Messages are nested no deeper than this. */
const maxDepth = 100;

const schemaModel = "V1JSONSchemaProps";

const text = new TextDecoder("utf-8", { fatal: true });

function bytesOf({ value }: ProtobufField): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ProtobufError("proto: wrong wireType for a field of bytes");
}

function numberOf({ value }: ProtobufField): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw new ProtobufError("proto: wrong wireType for a number");
}

function signed(field: ProtobufField): number {
  const value = numberOf(field);
  return typeof value === "number" ? value : Number(BigInt.asIntN(64, value));
}

/** Texts up to this length are mostly ASCII, and quicker read character by character. */
const shortText = 40;

function stringOf(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length <= shortText) {
    let ascii = "";
    let index = 0;
    for (; index < length; index++) {
      const code = bytes[index] ?? 0;
      if (code >= 0x80) break;
      ascii += String.fromCharCode(code);
    }
    if (index === length) return ascii;
  }
  try {
    return text.decode(bytes);
  } catch {
    throw new ProtobufError("proto: field of type string contains invalid UTF-8");
  }
}

/** The fields of a small message by their numbers. */
function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, ProtobufField> {
  const reader = new ProtobufReader(bytes);
  const fields = new Map<number, ProtobufField>();
  for (let field = reader.next(); field !== undefined; field = reader.next()) fields.set(field.number, field);
  return fields;
}

/** `Time`: seconds and nanoseconds. Nothing at all is no time. */
function timeOf(bytes: Uint8Array, digits: 0 | 6): string | undefined {
  if (bytes.length === 0) return undefined;
  const fields = fieldsOf(bytes);
  const seconds = fields.get(1);
  const nanos = fields.get(2);
  const date = new Date((seconds === undefined ? 0 : signed(seconds)) * 1000);
  if (Number.isNaN(date.getTime())) throw new ProtobufError("proto: a time is out of range");
  const whole = date.toISOString().slice(0, 19);
  if (digits === 0) return `${whole}Z`;
  const fraction = String(nanos === undefined ? 0 : signed(nanos)).padStart(9, "0");
  return `${whole}.${fraction.slice(0, digits)}Z`;
}

function quantityOf(bytes: Uint8Array): string | undefined {
  const field = fieldsOf(bytes).get(1);
  return field && stringOf(bytesOf(field));
}

function intOrStringOf(bytes: Uint8Array): number | string {
  const fields = fieldsOf(bytes);
  const kind = fields.get(1);
  const isString = kind !== undefined && signed(kind) === 1;
  const field = fields.get(isString ? 3 : 2);
  if (field === undefined) return isString ? "" : 0;
  return isString ? stringOf(bytesOf(field)) : signed(field);
}

/** A value of any shape is JSON within a message. */
function rawOf(bytes: Uint8Array): JsonValue | undefined {
  const field = fieldsOf(bytes).get(1);
  if (field === undefined) return undefined;
  try {
    // JSON.parse makes nothing but JSON values.
    return JSON.parse(stringOf(bytesOf(field))) as JsonValue;
  } catch (error) {
    throw new ProtobufError("proto: an embedded value is no JSON", { cause: error });
  }
}

function scalarOf(scalar: ScalarType, field: ProtobufField): JsonValue | undefined {
  switch (scalar) {
    case "string":
      return stringOf(bytesOf(field));
    case "bytes":
      return Buffer.from(bytesOf(field)).toString("base64");
    case "bool":
      return Number(numberOf(field)) !== 0;
    case "int32":
    case "int64":
      return signed(field);
    case "double":
      return new Float64Array(BigUint64Array.of(BigInt(numberOf(field))).buffer)[0];
    case "time":
      return timeOf(bytesOf(field), 0);
    case "microTime":
      return timeOf(bytesOf(field), 6);
    case "quantity":
      return quantityOf(bytesOf(field));
    case "intOrString":
      return intOrStringOf(bytesOf(field));
    case "any":
      return rawOf(bytesOf(field));
  }
}

class MessageDecoder {
  readonly #messages: MessageSet;

  constructor(messages: MessageSet) {
    this.#messages = messages;
  }

  message(model: string, bytes: Uint8Array, depth: number): JsonObject {
    const object: JsonObject = {};
    this.#fields(this.#messages.get(model), bytes, object, depth);
    return object;
  }

  #fields(entries: MessageEntries, bytes: Uint8Array, object: JsonObject, depth: number): void {
    if (depth > maxDepth) throw new ProtobufError("proto: messages are nested too deep");
    const reader = new ProtobufReader(bytes);
    for (let field = reader.next(); field !== undefined; field = reader.next()) {
      const entry = entries.get(field.number);
      if (entry === undefined) continue;
      if ("field" in entry) this.#field(entry, field, object, depth);
      else this.#fields(entry, bytesOf(field), object, depth + 1);
    }
  }

  #field(entry: MessageField, given: ProtobufField, object: JsonObject, depth: number): void {
    const { field, nullable, shape } = entry;
    const { name, type } = field;
    if (type.kind === "list") {
      object[name] ??= [];
      const list = object[name];
      const value = this.#value(type.items, given, depth);
      if (Array.isArray(list) && value !== undefined) list.push(value);
      return;
    }
    if (type.kind === "map") {
      object[name] ??= {};
      // Made in the line above, or by an earlier entry.
      this.#mapEntry(entry, type.values, bytesOf(given), object[name] as JsonObject, depth);
      return;
    }
    const value =
      shape === undefined ? this.#value(type, given, depth) : this.#union(shape, bytesOf(given), depth);
    const isZero = value === "" || value === 0 || value === false;
    if (value !== undefined && (nullable || !isZero || field.type.kind !== "scalar")) object[name] = value;
  }

  #value(type: TypeSchema, field: ProtobufField, depth: number): JsonValue | undefined {
    switch (type.kind) {
      case "scalar":
        return scalarOf(type.scalar, field);
      case "object":
        return this.message(type.model, bytesOf(field), depth + 1);
      // A list within a map or list is a message with the items in field 1.
      case "list":
        return this.#items(type.items, bytesOf(field), depth);
      case "map":
        throw new ProtobufError("proto: a map stands where none can");
    }
  }

  #items(type: TypeSchema, bytes: Uint8Array, depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    const reader = new ProtobufReader(bytes);
    for (let field = reader.next(); field !== undefined; field = reader.next()) {
      const value = field.number === 1 ? this.#value(type, field, depth + 1) : undefined;
      if (value !== undefined) items.push(value);
    }
    return items;
  }

  /** A schema, or what else JSON has in its place. */
  #union(shape: UnionShape, bytes: Uint8Array, depth: number): JsonValue {
    if (shape === "empty") return {};
    const schemaNumber = shape === "schemaOrBool" ? 2 : 1;
    const list: JsonValue[] = [];
    let allows = false;
    const reader = new ProtobufReader(bytes);
    for (let field = reader.next(); field !== undefined; field = reader.next()) {
      if (field.number === schemaNumber) return this.message(schemaModel, bytesOf(field), depth + 1);
      if (shape === "schemaOrBool") allows = Number(numberOf(field)) !== 0;
      else if (shape === "schemaOrArray") list.push(this.message(schemaModel, bytesOf(field), depth + 1));
      else list.push(stringOf(bytesOf(field)));
    }
    return shape === "schemaOrBool" ? allows : list;
  }

  #mapEntry(
    { shape }: MessageField,
    type: TypeSchema,
    bytes: Uint8Array,
    map: JsonObject,
    depth: number,
  ): void {
    const fields = fieldsOf(bytes);
    const key = fields.get(1);
    const given = fields.get(2);
    const value =
      given === undefined
        ? undefined
        : shape === undefined
          ? this.#value(type, given, depth)
          : this.#union(shape, bytesOf(given), depth);
    const isText = type.kind === "scalar" && (type.scalar === "string" || type.scalar === "bytes");
    const isTime = type.kind === "scalar" && (type.scalar === "time" || type.scalar === "microTime");
    const empty = type.kind === "list" ? [] : isText ? "" : isTime ? null : {};
    setField(map, key === undefined ? "" : stringOf(bytesOf(key)), value ?? empty);
  }
}

/** Decodes a message of a model. Throws a {@link ProtobufError}. */
export function decodeMessage(messages: MessageSet, model: string, bytes: Uint8Array): JsonObject {
  return new MessageDecoder(messages).message(model, bytes, 0);
}
