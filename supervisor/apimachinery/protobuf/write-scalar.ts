import type { JsonValue } from "../json/json-value.ts";
import type { ScalarType } from "../schema/schema.ts";
import { type ProtobufWriter, wireTypes } from "./protobuf-writer.ts";

function writeMessageText(writer: ProtobufWriter, number: number, text: string): void {
  const since = writer.length;
  writer.text(text);
  writer.tag(number, wireTypes.bytes);
  writer.close(since);
}

/** `Time` and `MicroTime`: seconds and nanoseconds. */
function writeTime(writer: ProtobufWriter, text: string): void {
  const millis = Date.parse(text);
  const since = writer.length;
  if (!Number.isNaN(millis)) {
    const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? "";
    writer.varint(Number(fraction.padEnd(9, "0")));
    writer.tag(2, wireTypes.varint);
    writer.varint(Math.floor(millis / 1000));
    writer.tag(1, wireTypes.varint);
  }
  writer.close(since);
}

function writeIntOrString(writer: ProtobufWriter, value: JsonValue): void {
  const isText = typeof value === "string";
  const since = writer.length;
  writer.text(isText ? value : "");
  writer.tag(3, wireTypes.bytes);
  writer.varint(isText ? 0 : Number(value));
  writer.tag(2, wireTypes.varint);
  writer.varint(isText ? 1 : 0);
  writer.tag(1, wireTypes.varint);
  writer.close(since);
}

function writeBytes(writer: ProtobufWriter, text: string): void {
  const content = Buffer.from(text, "base64");
  writer.bytes(content);
  writer.varint(content.length);
}

const writers: Readonly<Record<ScalarType, (writer: ProtobufWriter, value: JsonValue) => void>> = {
  string: (writer, value) => writer.text(String(value)),
  bytes: (writer, value) => writeBytes(writer, String(value)),
  bool: (writer, value) => writer.varint(value === true ? 1 : 0),
  int32: (writer, value) => writer.varint(Number(value)),
  int64: (writer, value) => writer.varint(Number(value)),
  double: (writer, value) => writer.double(Number(value)),
  time: (writer, value) => writeTime(writer, String(value)),
  microTime: (writer, value) => writeTime(writer, String(value)),
  quantity: (writer, value) => writeMessageText(writer, 1, String(value)),
  intOrString: writeIntOrString,
  any: (writer, value) => writeMessageText(writer, 1, JSON.stringify(value)),
};

/** What writes values of a type that their schema has checked, in their wire form. */
export function scalarWriter(scalar: ScalarType): (writer: ProtobufWriter, value: JsonValue) => void {
  return writers[scalar];
}

/** Writes what a field that is no pointer is in Go where nobody has set it. */
export function writeZero(writer: ProtobufWriter, scalar: ScalarType): void {
  if (scalar === "quantity") writeMessageText(writer, 1, "0");
  else if (scalar === "intOrString") writeIntOrString(writer, 0);
  else if (scalar === "double") writer.double(0);
  else writer.varint(0);
}
