import type { JsonObject } from "../json/json-value.ts";
import type { MessageEncoder } from "./encode-message.ts";
import { ProtobufError, ProtobufReader } from "./protobuf-reader.ts";
import { ProtobufWriter, wireTypes } from "./protobuf-writer.ts";

/** What every Kubernetes object in protobuf begins with. */
const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Opens `runtime.Unknown`, in which objects travel. Throws a {@link ProtobufError}. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < magic.length || magic.some((byte, index) => bytes[index] !== byte)) {
    throw new ProtobufError(
      "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    );
  }
  const fields = new Map<number, Uint8Array>();
  collect(bytes.subarray(magic.length), fields);
  const types = new Map<number, Uint8Array>();
  collect(fields.get(1) ?? new Uint8Array(), types);
  const text = (number: number) => Buffer.from(types.get(number) ?? []).toString("utf8");
  return { apiVersion: text(1), kind: text(2), raw: fields.get(2) ?? new Uint8Array() };
}

function collect(bytes: Uint8Array, into: Map<number, Uint8Array>): void {
  const reader = new ProtobufReader(bytes);
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    if (field.value instanceof Uint8Array) into.set(field.number, field.value);
  }
}

/** One for all messages: each is written at once. */
const shared = new ProtobufWriter();

function writeKind(writer: ProtobufWriter, { apiVersion, kind }: Omit<Envelope, "raw">): void {
  const since = writer.length;
  writer.text(kind);
  writer.tag(2, wireTypes.bytes);
  writer.text(apiVersion);
  writer.tag(1, wireTypes.bytes);
  writer.close(since);
  writer.tag(1, wireTypes.bytes);
  writer.bytes(magic);
}

/** The fields for the content's encoding and type, which are empty. */
export const envelopeEnd: Uint8Array = Uint8Array.of(0x1a, 0, 0x22, 0);

/** What stands before a content of so many bytes; {@link envelopeEnd} follows it. */
export function envelopeHead(kind: Omit<Envelope, "raw">, contentBytes: number): Uint8Array {
  shared.varint(contentBytes);
  shared.tag(2, wireTypes.bytes);
  writeKind(shared, kind);
  return shared.finish();
}

/** An object within its envelope, as it travels. Throws a `RangeError` for a model without field numbers. */
export function encodeEnvelope(encoder: MessageEncoder, model: string, object: JsonObject): Uint8Array {
  const { kind, apiVersion } = object;
  try {
    shared.bytes(envelopeEnd);
    const since = shared.length;
    encoder.write(shared, model, object);
    shared.close(since);
    shared.tag(2, wireTypes.bytes);
    writeKind(shared, { kind: String(kind ?? ""), apiVersion: String(apiVersion ?? "") });
    return shared.finish();
  } finally {
    shared.clear();
  }
}

/** A message with the tag and length that it has as a field of another. */
export function encodeField(
  encoder: MessageEncoder,
  number: number,
  model: string,
  object: JsonObject,
): Uint8Array {
  try {
    encoder.write(shared, model, object);
    shared.close(0);
    shared.tag(number, wireTypes.bytes);
    return shared.finish();
  } finally {
    shared.clear();
  }
}

/** A frame of a stream (`;stream=watch`): the length in four bytes, then a `WatchEvent` without an envelope. */
export function encodeWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const outer = shared.length;
  shared.bytes(object);
  shared.close(outer);
  shared.tag(1, wireTypes.bytes);
  shared.close(outer);
  shared.tag(2, wireTypes.bytes);
  shared.text(type);
  shared.tag(1, wireTypes.bytes);
  const frame = Buffer.allocUnsafe(4);
  frame.writeUInt32BE(shared.length);
  shared.bytes(frame);
  return shared.finish();
}
