/** Bytes are no protobuf message. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}

export interface ProtobufField {
  readonly number: number;
  /** For wire type 2 the bytes; for the others the number, exact whatever its size. */
  readonly value: Uint8Array | number | bigint;
}

const varintType = 0;
const fixed64Type = 1;
const bytesType = 2;
const fixed32Type = 5;

/** Seven bytes of seven bits are exact as a number. */
const safeScale = 2 ** 49;

/** Reads the fields of one message in their order. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #index = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next field, or undefined at the end. Throws a {@link ProtobufError} for bytes that are none. */
  next(): ProtobufField | undefined {
    if (this.#index >= this.#bytes.length) return undefined;
    const tag = Number(this.#varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case varintType:
        return { number, value: this.#varint() };
      case bytesType:
        return { number, value: this.#take(Number(this.#varint())) };
      case fixed64Type:
        return { number, value: this.#view.getBigUint64(this.#advance(8), true) };
      case fixed32Type:
        return { number, value: this.#view.getUint32(this.#advance(4), true) };
      default:
        throw new ProtobufError(`proto: illegal wireType ${tag % 8}`);
    }
  }

  #advance(length: number): number {
    const start = this.#index;
    if (length > this.#bytes.length - start) throw new ProtobufError("unexpected EOF");
    this.#index += length;
    return start;
  }

  #take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #varint(): number | bigint {
    const bytes = this.#bytes;
    let value = 0;
    for (let scale = 1; scale < safeScale; scale *= 0x80) {
      const byte = bytes[this.#index++];
      if (byte === undefined) throw new ProtobufError("unexpected EOF");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    let wide = BigInt(value);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = bytes[this.#advance(1)] ?? 0;
      wide += BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, wide);
    }
    throw new ProtobufError("proto: integer overflow");
  }
}
