import { ProtobufError, ProtobufReader } from "./protobuf-reader.ts";

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
