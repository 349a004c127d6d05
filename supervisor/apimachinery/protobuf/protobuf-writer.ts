/** The wire types of protobuf. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2 } as const;

const initialBytes = 16 * 1024;
/** A buffer that grew beyond this is let go after use. */
const keptBytes = 1024 * 1024;
const shortText = 32;

/**
 * Writes a message from its end to its beginning, so that the length of what lies within is known when its head is
 * written. Fields are therefore written in descending order.
 */
export class ProtobufWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  #start = initialBytes;

  /** How many bytes there are: the difference of two lengths is the length of what was written between. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** What was written, as a copy; the writer begins anew. */
  finish(): Buffer {
    const result = Buffer.from(this.#bytes.subarray(this.#start));
    this.clear();
    return result;
  }

  /** Forgets what was written. */
  clear(): void {
    if (this.#bytes.length > keptBytes) this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#start = this.#bytes.length;
  }

  #reserve(count: number): number {
    if (count > this.#start) {
      const used = this.length;
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, used + count));
      this.#bytes.copy(grown, grown.length - used, this.#start);
      this.#bytes = grown;
      this.#start = grown.length - used;
    }
    this.#start -= count;
    return this.#start;
  }

  /** Whole numbers; negative ones take ten bytes, as in Go. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80) {
      const at = this.#reserve(1);
      this.#bytes[at] = value;
      return;
    }
    if (value >= 0 && value < 0x1_0000_0000) this.#smallVarint(value);
    else this.#wideVarint(BigInt.asUintN(64, BigInt(value)));
  }

  #smallVarint(value: number): void {
    const count = value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
    let at = this.#reserve(count);
    let rest = value;
    for (let index = 1; index < count; index++) {
      this.#bytes[at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[at] = rest;
  }

  #wideVarint(value: bigint): void {
    const digits: number[] = [];
    for (let rest = value; rest > 0n || digits.length === 0; rest >>= 7n) digits.push(Number(rest & 0x7fn));
    const at = this.#reserve(digits.length);
    digits.forEach((digit, index) => {
      this.#bytes[at + index] = index === digits.length - 1 ? digit : digit | 0x80;
    });
  }

  double(value: number): void {
    const at = this.#reserve(8);
    this.#bytes.writeDoubleLE(value, at);
  }

  bytes(content: Uint8Array): void {
    const at = this.#reserve(content.length);
    this.#bytes.set(content, at);
  }

  /** A text with its length before it. */
  text(value: string): void {
    const { length } = value;
    if (length <= shortText && this.#ascii(value)) {
      this.varint(length);
      return;
    }
    const count = Buffer.byteLength(value);
    const at = this.#reserve(count);
    this.#bytes.write(value, at, "utf8");
    this.varint(count);
  }

  /** Writes a short text of ASCII alone; false, and nothing written, for others. */
  #ascii(value: string): boolean {
    const { length } = value;
    const at = this.#reserve(length);
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        this.#start += length;
        return false;
      }
      this.#bytes[at + index] = code;
    }
    return true;
  }

  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** Puts the length before what was written since there were `since` bytes. */
  close(since: number): void {
    this.varint(this.length - since);
  }
}
