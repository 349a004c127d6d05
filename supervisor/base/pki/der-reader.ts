import { tags } from "./der.ts";

export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** Tag, length and content, as they stood. */
  readonly whole: Buffer;
}

/**
 * Reads DER values one after another out of bytes that anybody may have sent. Throws an error for what is cut off, has
 * another tag than expected, or has a length in another form than the shortest.
 */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Reads the one value that the bytes are. */
  static only(bytes: Buffer, tag: number): DerValue {
    const reader = new DerReader(bytes);
    const value = reader.read(tag);
    reader.expectEnd();
    return value;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(expectedTag?: number): DerValue {
    const start = this.#at;
    const tag = this.#byte();
    if (expectedTag !== undefined && tag !== expectedTag) {
      throw new Error(
        `Bad DER: tag 0x${tag.toString(16)} at byte ${start}, expected 0x${expectedTag.toString(16)}`,
      );
    }
    const length = this.#length();
    const contentStart = this.#at;
    if (length > this.#bytes.length - contentStart)
      throw new Error(`Bad DER: value at byte ${start} is cut off`);
    this.#at += length;
    return {
      tag,
      content: this.#bytes.subarray(contentStart, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }

  /** Reads the next value and the values inside of it. */
  enter(expectedTag: number = tags.sequence): DerReader {
    return new DerReader(this.read(expectedTag).content);
  }

  expectEnd(): void {
    if (!this.atEnd) throw new Error(`Bad DER: ${this.#bytes.length - this.#at} bytes too many`);
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 3) throw new Error("Bad DER: length of another form than one to three bytes");
    let length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw new Error("Bad DER: length is not the shortest");
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error("Bad DER: it is cut off");
    this.#at++;
    return byte;
  }
}

/** The bytes of a bit string of whole bytes. Throws for one that ends within a byte. */
export function bitStringBytes(content: Buffer): Buffer {
  if (content[0] !== 0) throw new Error("Bad DER: bit string does not end with a byte");
  return content.subarray(1);
}

/** The dotted form of an object identifier. */
export function oidText(content: Buffer): string {
  const [first = 0] = content;
  const parts = [Math.min(2, Math.floor(first / 40))];
  parts.push(first - (parts[0] ?? 0) * 40);
  let value = 0;
  for (const byte of content.subarray(1)) {
    value = value * 128 + (byte & 0x7f);
    if (value > 2 ** 40) throw new Error("Bad DER: object identifier is too long");
    if (byte >= 0x80) continue;
    parts.push(value);
    value = 0;
  }
  return parts.join(".");
}
