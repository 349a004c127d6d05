/** Turns objects into the protobuf messages that kube-apiserver makes of them, byte for byte. */
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json-value.ts";
import type { ScalarType, TypeSchema } from "../schema/schema.ts";
import type { MessageEntries, MessageField, MessageSet, UnionShape } from "./message-schema.ts";
import { type ProtobufWriter, wireTypes } from "./protobuf-writer.ts";
import { scalarWriter, writeZero } from "./write-scalar.ts";

/** Writes one field of an object, if there is something to write. */
type FieldWriter = (writer: ProtobufWriter, object: JsonObject) => void;
/** Writes a value in its wire form, without its tag. */
type ValueWriter = (writer: ProtobufWriter, value: JsonValue) => void;

const schemaModel = "V1JSONSchemaProps";

function wireTypeOf(type: TypeSchema): number {
  if (type.kind !== "scalar") return wireTypes.bytes;
  const varints: readonly ScalarType[] = ["bool", "int32", "int64"];
  if (varints.includes(type.scalar)) return wireTypes.varint;
  return type.scalar === "double" ? wireTypes.fixed64 : wireTypes.bytes;
}

/** Encodes the messages of a set; how each is written is worked out once. */
export class MessageEncoder {
  readonly #messages: MessageSet;
  readonly #models = new Map<string, readonly FieldWriter[]>();

  constructor(messages: MessageSet) {
    this.#messages = messages;
  }

  has(model: string): boolean {
    return this.#messages.has(model);
  }

  /** Writes an object's fields, without a length. Throws a `RangeError` for a model without field numbers. */
  write(writer: ProtobufWriter, model: string, object: JsonObject): void {
    for (const write of this.#writersOf(model)) write(writer, object);
  }

  #writersOf(model: string): readonly FieldWriter[] {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const writers = this.#compile(this.#messages.get(model));
    this.#models.set(model, writers);
    return writers;
  }

  #compile(entries: MessageEntries): readonly FieldWriter[] {
    return Array.from(entries)
      .toSorted(([left], [right]) => right - left)
      .map(([number, entry]) =>
        "field" in entry ? this.#fieldWriter(number, entry) : inlinedWriter(number, this.#compile(entry)),
      );
  }

  #fieldWriter(number: number, { field, nullable, shape }: MessageField): FieldWriter {
    const { name, type } = field;
    if (type.kind === "list") return this.#listWriter(number, name, type.items, shape);
    if (type.kind === "map") return this.#mapWriter(number, name, type.values, shape);
    const write = shape === undefined ? this.#valueWriter(type) : this.#unionWriter(shape);
    const wireType = wireTypeOf(type);
    // What Go keeps in a slice of bytes may be absent without being a pointer.
    const skips = nullable || (type.kind === "scalar" && type.scalar === "bytes");
    return (writer, object) => {
      const value = object[name];
      if (value !== undefined && value !== null) write(writer, value);
      else if (skips) return;
      else this.#zero(writer, type);
      writer.tag(number, wireType);
    };
  }

  #zero(writer: ProtobufWriter, type: TypeSchema): void {
    if (type.kind === "scalar") writeZero(writer, type.scalar);
    else this.#valueWriter(type)(writer, {});
  }

  #listWriter(number: number, name: string, items: TypeSchema, shape: UnionShape | undefined): FieldWriter {
    const write = shape === undefined ? this.#valueWriter(items) : this.#unionWriter(shape);
    const wireType = wireTypeOf(items);
    return (writer, object) => {
      const list = object[name];
      if (!Array.isArray(list)) return;
      for (let index = list.length - 1; index >= 0; index--) {
        write(writer, list[index] ?? "");
        writer.tag(number, wireType);
      }
    };
  }

  #mapWriter(number: number, name: string, values: TypeSchema, shape: UnionShape | undefined): FieldWriter {
    const write = shape === undefined ? this.#valueWriter(values) : this.#unionWriter(shape);
    const wireType = wireTypeOf(values);
    return (writer, object) => {
      const map = object[name];
      if (!isJsonObject(map)) return;
      for (const key of Object.keys(map).sort().reverse()) {
        const since = writer.length;
        write(writer, map[key] ?? "");
        writer.tag(2, wireType);
        writer.text(key);
        writer.tag(1, wireTypes.bytes);
        writer.close(since);
        writer.tag(number, wireTypes.bytes);
      }
    };
  }

  #valueWriter(type: TypeSchema): ValueWriter {
    if (type.kind === "scalar") return scalarWriter(type.scalar);
    if (type.kind === "object") return (writer, value) => this.#nested(writer, type.model, value);
    if (type.kind === "list") return this.#listMessage(type.items);
    throw new RangeError("A map stands where none can");
  }

  #nested(writer: ProtobufWriter, model: string, value: JsonValue): void {
    const since = writer.length;
    this.write(writer, model, isJsonObject(value) ? value : {});
    writer.close(since);
  }

  /** A list within a map is a message with the items in field 1. */
  #listMessage(items: TypeSchema): ValueWriter {
    const write = this.#listWriter(1, "items", items, undefined);
    return (writer, value) => {
      const since = writer.length;
      write(writer, { items: value });
      writer.close(since);
    };
  }

  #unionWriter(shape: UnionShape): ValueWriter {
    return (writer, value) => {
      const since = writer.length;
      if (shape === "empty") {
        writer.close(since);
        return;
      }
      if (shape === "schemaOrBool") this.#schemaOrBool(writer, value);
      else if (Array.isArray(value)) this.#unionList(writer, shape, value);
      else this.#schemaField(writer, 1, value);
      writer.close(since);
    };
  }

  #schemaField(writer: ProtobufWriter, number: number, value: JsonValue): void {
    this.#nested(writer, schemaModel, value);
    writer.tag(number, wireTypes.bytes);
  }

  #schemaOrBool(writer: ProtobufWriter, value: JsonValue): void {
    const isSchema = isJsonObject(value);
    if (isSchema) this.#schemaField(writer, 2, value);
    writer.varint(isSchema || value === true ? 1 : 0);
    writer.tag(1, wireTypes.varint);
  }

  #unionList(writer: ProtobufWriter, shape: UnionShape, list: readonly JsonValue[]): void {
    for (const item of list.toReversed()) {
      if (shape === "schemaOrArray") this.#schemaField(writer, 2, item);
      else {
        writer.text(String(item));
        writer.tag(2, wireTypes.bytes);
      }
    }
  }
}

/** A message whose fields JSON has inlined is always written. */
function inlinedWriter(number: number, writers: readonly FieldWriter[]): FieldWriter {
  return (writer, object) => {
    const since = writer.length;
    for (const write of writers) write(writer, object);
    writer.close(since);
    writer.tag(number, wireTypes.bytes);
  };
}
