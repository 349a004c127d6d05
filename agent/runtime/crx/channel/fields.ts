import { ProtocolError } from "./protocol.ts";

const maxTextBytes = 4096;

/** Builds the payload of a control message: a sequence of tag, length and bytes. Absent values are left out. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];

  u32(tag: number, value: number | undefined): this {
    if (value === undefined) return this;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.bytes(tag, bytes);
  }

  u64(tag: number, value: bigint | undefined): this {
    if (value === undefined) return this;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return this.bytes(tag, bytes);
  }

  text(tag: number, value: string | undefined): this {
    return value === undefined ? this : this.bytes(tag, Buffer.from(value, "utf8"));
  }

  /** One field for each value. */
  list(tag: number, values: readonly string[]): this {
    for (const value of values) this.text(tag, value);
    return this;
  }

  group(tag: number, fields: FieldWriter | undefined): this {
    return fields ? this.bytes(tag, fields.finish()) : this;
  }

  bytes(tag: number, value: Uint8Array): this {
    const header = Buffer.alloc(6);
    header.writeUInt16LE(tag);
    header.writeUInt32LE(value.length, 2);
    this.#parts.push(header, Buffer.from(value));
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads the payload of a message from the guest. Every method throws {@link ProtocolError} for what does not fit. */
export class FieldReader {
  readonly #fields: ReadonlyArray<{ readonly tag: number; readonly value: Buffer }>;

  constructor(payload: Buffer) {
    const fields = [];
    let at = 0;
    while (at < payload.length) {
      if (payload.length - at < 6) throw new ProtocolError("The guest sent a truncated field");
      const end = at + 6 + payload.readUInt32LE(at + 2);
      if (end > payload.length) throw new ProtocolError("The guest sent a field longer than its message");
      fields.push({ tag: payload.readUInt16LE(at), value: payload.subarray(at + 6, end) });
      at = end;
    }
    this.#fields = fields;
  }

  u32(tag: number): number | undefined {
    return this.#sized(tag, 4)?.readUInt32LE();
  }

  /** Like {@link u32}, for a field that must be there. */
  needU32(tag: number): number {
    const value = this.u32(tag);
    if (value === undefined) throw new ProtocolError(`The guest left out field ${tag}`);
    return value;
  }

  u64(tag: number): bigint | undefined {
    return this.#sized(tag, 8)?.readBigUInt64LE();
  }

  /** Numbers of four bytes, one after another. */
  u32List(tag: number, maxCount: number): number[] | undefined {
    const value = this.#find(tag);
    if (value && (value.length % 4 !== 0 || value.length > 4 * maxCount)) {
      throw new ProtocolError(
        `The guest sent field ${tag} with ${value.length} bytes, expected at most ${maxCount} numbers`,
      );
    }
    return value && Array.from({ length: value.length / 4 }, (_, index) => value.readUInt32LE(4 * index));
  }

  text(tag: number): string | undefined {
    return this.#find(tag)?.toString("utf8");
  }

  bytes(tag: number): Buffer | undefined {
    return this.#find(tag);
  }

  /** Text for people, which ends in a status or an event: at most 4 KiB of it. */
  message(tag: number): string | undefined {
    return this.#find(tag)?.toString("utf8", 0, maxTextBytes);
  }

  groups(tag: number): FieldReader[] {
    return this.#fields.filter((field) => field.tag === tag).map((field) => new FieldReader(field.value));
  }

  #find(tag: number): Buffer | undefined {
    return this.#fields.find((field) => field.tag === tag)?.value;
  }

  #sized(tag: number, size: number): Buffer | undefined {
    const value = this.#find(tag);
    if (value && value.length !== size) {
      throw new ProtocolError(`The guest sent field ${tag} with ${value.length} bytes, expected ${size}`);
    }
    return value;
  }
}
